import Glibc

/// Why a backup, a drill or a restore did not come about: what happened, where, and what to do. No PHI and no key is in it.
package enum BackupFailure: Error, Equatable, CustomStringConvertible {
    /// A backup, a drill or another server's backup is at work.
    case busy
    /// Folders of which one lies in the other.
    case notApart(String, String)
    case noSpace(String)
    case system(String, operation: String, errno: Int32)
    case notABackupKey(String)
    /// A file is sealed with another backup key.
    case wrongBackupKey(file: String, expected: String, found: String)
    /// A file is none of ours, or it was changed, cut or renamed.
    case damaged(String, String)
    case unknownVersion(String, Int)
    case noSnapshot(String)
    case unknownSnapshot(String, folder: String)
    /// A blob that the snapshot names is not in the backup folder.
    case missingBlob(String, snapshot: String)
    /// A blob in the backup folder is not the one that the snapshot names.
    case changedBlob(String, snapshot: String)
    case targetNotEmpty(String)
    /// The key-encryption key is not the one that wrapped the keys of the bundle.
    case wrongKey(expected: String, found: String)
    /// The key bundle was written before the snapshot that it should open.
    case staleBundle(String, snapshot: String)
    /// Snapshot and key bundle are of different installations.
    case otherInstallation(String)
    /// The ledger got another signing key after the snapshot, and the bundle has that one.
    case ledgerKeyChanged(String)
    /// The ledger is not what the snapshot says.
    case ledgerDiffers(String)

    /// The failure of a system call.
    init(_ operation: String, _ path: String, errno code: Int32) {
        self = code == ENOSPC || code == EDQUOT ? .noSpace(path) : .system(path, operation: operation, errno: code)
    }

    package var description: String {
        switch self {
        case .busy: "A backup or a drill is running already. Try again when it has ended."
        case .notApart(let one, let other):
            "\(one) and \(other) must be apart: neither in the other, best on different volumes. A copy of the backups must not hold their keys, and the loss of the data must not take its backups along."
        case .noSpace(let path): "There is no space left for \(path). Make room; what was there before is untouched."
        case .system(let path, let operation, let errno): "\(operation) of \(path) failed: \(String(cString: strerror(errno)))."
        case .notABackupKey(let path):
            "\(path) is no backup key file: it has two lines, '\(BackupKey.firstLine)' and 32 bytes as base64. faxlock backup new-key makes one."
        case .wrongBackupKey(let file, let expected, let found):
            "\(file) is sealed with backup key \(expected), but the key given is \(found). Give the key file of that time."
        case .damaged(let file, let what): "\(file) is damaged: \(what). Use another copy or another snapshot."
        case .unknownVersion(let file, let version):
            "\(file) has format \(version), which this version of Faxlock does not know. Use a newer one."
        case .noSnapshot(let folder): "There is no snapshot in \(folder)."
        case .unknownSnapshot(let name, let folder): "There is no snapshot \(name) in \(folder)."
        case .missingBlob(let blob, let snapshot):
            "The blob \(blob), which snapshot \(snapshot) names, is missing in the backup folder. Use another copy of it, or another snapshot."
        case .changedBlob(let blob, let snapshot):
            "The blob \(blob) is not the one that snapshot \(snapshot) names: it was changed or cut. Use another copy of the backup folder, or another snapshot."
        case .targetNotEmpty(let path):
            "\(path) is not empty. Nothing is ever restored over data: give a folder that is empty or not there."
        case .wrongKey(let expected, let found):
            "The bundle's keys are wrapped by key-encryption key \(expected), but the key file holds \(found). Give the right one with --key-file, or a former one with --retired-key-file."
        case .staleBundle(let path, let snapshot):
            "The key bundle \(path) is older than snapshot \(snapshot) and lacks keys of it. Give the newest bundle, or an older snapshot."
        case .otherInstallation(let path): "The key bundle \(path) belongs to another installation than the snapshot."
        case .ledgerKeyChanged(let snapshot):
            "The audit ledger got another signing key after snapshot \(snapshot), and the key bundle has only the newest. Use a snapshot that was made after the change."
        case .ledgerDiffers(let what): "The audit ledger is not what the snapshot says: \(what)."
        }
    }
}
