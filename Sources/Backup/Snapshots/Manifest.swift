/// What a snapshot is: the first thing in its file.
struct Manifest: Sendable, Hashable, Codable {
    static let currentVersion = 1

    var version = currentVersion
    /// ISO 8601: when the database was copied.
    var createdAt: String
    /// The ledger's name, which an installation keeps for its life.
    var installation: String
    /// The id of the key-encryption key of that time.
    var keyEncryptionKey: String
    /// When the key bundle was written that holds all keys of the snapshot, milliseconds since 1970: an older one opens not all.
    var bundleWrittenAt: Int64
    var ledger: Ledger
    /// Bytes and SHA-256 of the database copy, which follows.
    var databaseSize: Int
    var databaseSHA256: String

    struct Ledger: Sendable, Hashable, Codable {
        /// Events.
        var size: Int64
        /// The root over all of them, in hex.
        var root: String
        /// The verifier key of that time.
        var key: String
        /// The newest signed checkpoint (C2SP tlog-checkpoint), if there is one.
        var note: String?
    }
}

/// A blob as a snapshot names it.
struct BlobEntry: Sendable, Hashable {
    /// The blob's file name.
    let name: String
    let state: State

    enum State: Sendable, Hashable {
        case copied(FileDigest)
        /// The document was shredded after the database was copied.
        case shredded
        /// The file was lost before the backup.
        case missing
    }

    /// `<name> <bytes> <SHA-256 in hex>`, or `<name> shredded`, or `<name> missing`.
    var line: String {
        switch state {
        case .copied(let digest): "\(name) \(digest.size) \(HexDigits.encode(digest.sha256))"
        case .shredded: "\(name) shredded"
        case .missing: "\(name) missing"
        }
    }

    init(name: String, state: State) {
        self.name = name
        self.state = state
    }

    /// Reads ``line``. Nil for anything else.
    init?(line: Substring) {
        let words = line.split(separator: " ", omittingEmptySubsequences: false)
        guard let name = words.first, !name.isEmpty else { return nil }
        self.name = String(name)
        if words.count == 2, words[1] == "shredded" {
            state = .shredded
        } else if words.count == 2, words[1] == "missing" {
            state = .missing
        } else if words.count == 3, let size = Int(words[1]), size >= 0, let sha256 = HexDigits.decode(words[2]), sha256.count == 32 {
            state = .copied(FileDigest(size: size, sha256: sha256))
        } else {
            return nil
        }
    }
}
