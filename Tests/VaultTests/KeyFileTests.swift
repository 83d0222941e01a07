import Glibc
import Testing
import Vault

@Suite struct KeyFileTests {
    private static let hex = String(repeating: "0f", count: 32)
    private static let firstLine = "faxlock key-encryption key 1\n"

    @Test func createdKeyIsPrivateAndComesBack() async throws {
        try await TemporaryFolder.with { folder in
            let path = "\(folder.path)/kek"
            let key = try KeyEncryptionKey.create(at: path)
            #expect(folder.mode(of: "kek") == 0o600)
            #expect(try KeyEncryptionKey(contentsOf: path).id == key.id)
            #expect(throws: KeyFileError.exists(path)) { try KeyEncryptionKey.create(at: path) }
            #expect(try KeyEncryptionKey(contentsOf: path).id == key.id)
        }
    }

    @Test(arguments: [0o640, 0o604, 0o610, 0o601, 0o620, 0o777] as [mode_t])
    func keyThatOthersMayTouchIsRefused(mode: mode_t) async throws {
        try await TemporaryFolder.with { folder in
            let path = "\(folder.path)/kek"
            try folder.write(Array((Self.firstLine + Self.hex).utf8), to: "kek", mode: mode)
            #expect(throws: KeyFileError.readableByOthers(path, mode: mode)) { try KeyEncryptionKey(contentsOf: path) }
            chmod(path, 0o400)
            #expect(throws: Never.self) { try KeyEncryptionKey(contentsOf: path) }
        }
    }

    @Test func missingFileFolderAndPipeAreRefused() async throws {
        try await TemporaryFolder.with { folder in
            let path = "\(folder.path)/kek"
            #expect(throws: KeyFileError.missing(path)) { try KeyEncryptionKey(contentsOf: path) }
            #expect(throws: KeyFileError.notAFile(folder.path)) { try KeyEncryptionKey(contentsOf: folder.path) }
            mkfifo(path, 0o600)
            #expect(throws: KeyFileError.notAFile(path)) { try KeyEncryptionKey(contentsOf: path) }
            let unreachable = "\(folder.path)/none/kek"
            #expect(throws: KeyFileError.system(unreachable, operation: "creation", errno: ENOENT)) {
                try KeyEncryptionKey.create(at: unreachable)
            }
        }
    }

    @Test func hexAndBase64AreTheSameKey() throws {
        let base64 = "Dw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8="
        let one = try KeyEncryptionKey(text: SecretBytes(Array((Self.firstLine + Self.hex + "\n").utf8)), origin: "a")
        let other = try KeyEncryptionKey(
            text: SecretBytes(Array(("\n" + Self.firstLine + "  " + base64 + "\r\n").utf8)), origin: "b")
        #expect(one.id == other.id)
        #expect(one.id != KeyEncryptionKey().id)
    }

    @Test func wrongLengthIsNamed() {
        for (text, bytes) in [
            (String(repeating: "0f", count: 31), 31), (Self.hex + "00", 33), ("Dw8=", 2), ("AAAA", 2),
        ] {
            #expect(throws: KeyFileError.wrongLength("credential", bytes: bytes)) {
                try KeyEncryptionKey(text: SecretBytes(Array((Self.firstLine + text).utf8)), origin: "credential")
            }
        }
    }

    @Test func otherTextIsMalformed() {
        let bad = [
            "", "\n", Self.hex, Self.firstLine, "faxlock key-encryption key 2\n" + Self.hex,
            Self.firstLine + Self.hex + "\n" + Self.hex, Self.firstLine + "not a key!", Self.firstLine + "Dw=8",
            Self.firstLine + "Dx==", Self.firstLine + "====", Self.firstLine + "\u{0}\u{FF}",
        ]
        for text in bad {
            #expect(throws: KeyFileError.malformed("credential")) {
                try KeyEncryptionKey(text: SecretBytes(Array(text.utf8)), origin: "credential")
            }
        }
    }

    @Test func hugeFileIsRefused() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write([UInt8](repeating: 0x30, count: 100_000), to: "kek")
            let path = "\(folder.path)/kek"
            #expect(throws: KeyFileError.malformed(path)) { try KeyEncryptionKey(contentsOf: path) }
        }
    }

    @Test func keysNeverPrintThemselves() throws {
        let key = try KeyEncryptionKey(text: SecretBytes(Array((Self.firstLine + Self.hex).utf8)), origin: "a")
        var dumped = ""
        dump(key, to: &dumped)
        dump(try Samples.key(0x0f), to: &dumped)
        dumped +=
            "\(key) \(String(reflecting: key)) \(try Samples.key(0x0f)) \(String(reflecting: try Samples.key(0x0f)))"
        #expect(!dumped.contains("0f0f") && !dumped.contains("15, 15") && !dumped.contains("15, 16"))
        #expect(dumped.contains("redacted"))
        #expect(dumped.contains(key.id.rawValue))
    }
}
