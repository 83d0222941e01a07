import Crypto
import FoundationEssentials
import Vault

/// A snapshot's sealed file: length and text of the manifest (JSON), length and lines of the blobs' list, then the database. Lengths have
/// eight bytes, big endian.
struct SnapshotFile {
    let manifest: Manifest
    let blobs: [BlobEntry]

    private static let manifestLimit = 1 << 20
    private static let listLimit = 1 << 31

    /// Writes the file under a name that nobody takes for a snapshot. Blocks.
    func write(to path: String, as name: SnapshotName, database: String, key: BackupKey, calls: FileCalls) throws -> NewFile {
        var output = try SealedOutput(at: path, kind: .snapshot, name: "\(name)", key: key, calls: calls)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text = Array(try encoder.encode(manifest))
        try output.write(Self.length(text.count) + text)
        let list = Array(blobs.map { $0.line + "\n" }.joined().utf8)
        try output.write(Self.length(list.count) + list)
        guard let copy = try InputFile(database) else { throw BackupFailure.damaged(database, "it is gone") }
        while true {
            try BackupThreads.checkCancellation()
            let bytes = try copy.next()
            if bytes.isEmpty { break }
            try output.write(bytes)
        }
        return try output.finish()
    }

    private static func length(_ count: Int) -> [UInt8] {
        withUnsafeBytes(of: UInt64(count).bigEndian) { Array($0) }
    }

    /// Opens a snapshot and reads it up to its database. Blocks.
    init(opening name: SnapshotName, in folder: BackupFolder, key: BackupKey) throws {
        (self, _) = try Self.open(name, in: folder, key: key)
    }

    /// Opens a snapshot and writes its database to a new file, verified. Blocks.
    init(opening name: SnapshotName, in folder: BackupFolder, key: BackupKey, database: NewFile) throws {
        let input: SealedInput
        (self, input) = try Self.open(name, in: folder, key: key)
        let path = input.path
        var hash = SHA256()
        var size = 0
        while true {
            try BackupThreads.checkCancellation()
            let bytes = try input.next()
            if bytes.isEmpty { break }
            hash.update(data: bytes)
            size += bytes.count
            try database.write(bytes)
        }
        guard size == manifest.databaseSize, HexDigits.encode(hash.finalize()) == manifest.databaseSHA256 else {
            throw BackupFailure.damaged(path, "the database in it is not the one of its manifest")
        }
    }

    init(manifest: Manifest, blobs: [BlobEntry]) {
        self.manifest = manifest
        self.blobs = blobs
    }

    private static func open(_ name: SnapshotName, in folder: BackupFolder, key: BackupKey) throws -> (SnapshotFile, SealedInput) {
        guard try folder.snapshots.size(of: name.fileName) != nil else {
            throw BackupFailure.unknownSnapshot("\(name)", folder: folder.path)
        }
        let input = try SealedInput("\(folder.snapshots.path)/\(name.fileName)", kind: .snapshot, name: "\(name)", key: key)
        let text = try input.read(try input.readCount(upTo: manifestLimit))
        guard let version = try? JSONDecoder().decode(Version.self, from: Data(text)) else {
            throw BackupFailure.damaged(input.path, "its manifest is malformed")
        }
        guard version.version == Manifest.currentVersion else { throw BackupFailure.unknownVersion(input.path, version.version) }
        guard let manifest = try? JSONDecoder().decode(Manifest.self, from: Data(text)) else {
            throw BackupFailure.damaged(input.path, "its manifest is malformed")
        }
        let list = String(decoding: try input.read(try input.readCount(upTo: listLimit)), as: UTF8.self)
        let blobs = try list.split(separator: "\n").map { line in
            guard let blob = BlobEntry(line: line), BlobID(fileName: blob.name) != nil else {
                throw BackupFailure.damaged(input.path, "its list of blobs is malformed")
            }
            return blob
        }
        return (SnapshotFile(manifest: manifest, blobs: blobs), input)
    }

    private struct Version: Decodable { let version: Int }
}
