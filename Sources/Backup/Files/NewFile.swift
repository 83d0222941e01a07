import Glibc
import Vault

/// A file that gets its name when it is whole. One that goes away before ``commit(as:)`` leaves nothing. Its calls block.
final class NewFile {
    private let path: String
    private let calls: FileCalls
    private let descriptor: Int32
    private var isCommitted = false

    /// Makes an empty file, mode 0600; what an interrupted run left at `path` is replaced.
    init(at path: String, calls: FileCalls) throws(BackupFailure) {
        self.path = path
        self.calls = calls
        unlink(path)
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw BackupFailure("The creation", path, errno: errno) }
    }

    deinit {
        close(descriptor)
        if !isCommitted { unlink(path) }
    }

    func write(_ bytes: [UInt8]) throws(BackupFailure) {
        let code = bytes.withUnsafeBytes { calls.write(descriptor, $0) }
        guard code == 0 else { throw BackupFailure("The writing", path, errno: code) }
    }

    /// Makes the content durable and gives the file its name, over what had it. The name is durable after a sync of its folder.
    /// - Parameter isDurable: false where the file is about to be removed again.
    func commit(as name: String, isDurable: Bool = true) throws(BackupFailure) {
        if isDurable {
            let code = calls.sync(descriptor)
            guard code == 0 else { throw BackupFailure("The fsync", path, errno: code) }
        }
        let renaming = calls.rename(AT_FDCWD, path, name)
        guard renaming == 0 else { throw BackupFailure("The renaming", path, errno: renaming) }
        isCommitted = true
    }
}
