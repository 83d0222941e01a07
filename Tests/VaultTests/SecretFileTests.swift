import Glibc
import Synchronization
import Testing

@testable import Vault

@Suite struct SecretFileTests {
    /// A crash at any moment leaves the whole file or none: the name appears only after the content was synced.
    @Test func nameAppearsAfterTheContentIsDurable() async throws {
        try await TemporaryFolder.with { folder in
            let path = "\(folder.path)/kek"
            let seen = Mutex<[String]>([])
            var calls = FileCalls.system
            let (write, sync) = (calls.write, calls.sync)
            let note = { @Sendable (what: String) in
                let exists = access(path, F_OK) == 0
                seen.withLock { $0.append("\(what) \(exists)") }
            }
            calls.write = { descriptor, bytes in
                note("write")
                return write(descriptor, bytes)
            }
            calls.sync = { descriptor in
                note("sync")
                return sync(descriptor)
            }
            let key = try KeyEncryptionKey.create(at: path, calls: calls)
            #expect(seen.withLock { $0 } == ["write false", "sync false", "sync true"])
            #expect(folder.files() == ["kek"])
            #expect(try KeyEncryptionKey(contentsOf: path).id == key.id)
        }
    }

    @Test func failedCreationLeavesNothing() async throws {
        try await TemporaryFolder.with { folder in
            let path = "\(folder.path)/kek"
            var full = FileCalls.system
            full.write = { _, _ in ENOSPC }
            #expect(throws: KeyFileError.system(path, operation: "write", errno: ENOSPC)) {
                try KeyEncryptionKey.create(at: path, calls: full)
            }
            var broken = FileCalls.system
            broken.sync = { _ in EIO }
            #expect(throws: KeyFileError.system(path, operation: "fsync", errno: EIO)) {
                try KeyEncryptionKey.create(at: path, calls: broken)
            }
            let count = Mutex(0)
            var brokenFolder = FileCalls.system
            brokenFolder.sync = { _ in
                count.withLock { count in
                    count += 1
                    return count == 2 ? EIO : 0
                }
            }
            #expect(throws: KeyFileError.system(path, operation: "fsync of the folder", errno: EIO)) {
                try KeyEncryptionKey.create(at: path, calls: brokenFolder)
            }
            #expect(folder.files().isEmpty)
        }
    }

    /// Somebody else makes the file between our look and our link.
    @Test func fileMadeMeanwhileIsKept() async throws {
        try await TemporaryFolder.with { folder in
            let path = "\(folder.path)/kek"
            var calls = FileCalls.system
            calls.sync = { _ in
                let other = open(path, O_CREAT | O_WRONLY, 0o600)
                close(other)
                return 0
            }
            #expect(throws: KeyFileError.exists(path)) { try KeyEncryptionKey.create(at: path, calls: calls) }
            #expect(folder.files() == ["kek"])
            let content = try folder.read("kek")
            #expect(content.isEmpty)
        }
    }

    @Test func danglingLinkIsNotFollowed() async throws {
        try await TemporaryFolder.with { folder in
            let path = "\(folder.path)/kek"
            symlink("\(folder.path)/elsewhere", path)
            #expect(throws: KeyFileError.exists(path)) { try KeyEncryptionKey.create(at: path) }
            #expect(folder.files() == ["kek"])
        }
    }

    // MARK: Access control lists

    /// `system.posix_acl_access`, version 2.
    private static func list(_ entries: [(tag: UInt16, rights: UInt16, id: UInt32)]) -> [UInt8] {
        var out: [UInt8] = [2, 0, 0, 0]
        for entry in entries {
            withUnsafeBytes(of: entry.tag.littleEndian) { out.append(contentsOf: $0) }
            withUnsafeBytes(of: entry.rights.littleEndian) { out.append(contentsOf: $0) }
            withUnsafeBytes(of: entry.id.littleEndian) { out.append(contentsOf: $0) }
        }
        return out
    }

    /// The list of a systemd credential for a service that runs as user 1000.
    private static let credential: [(UInt16, UInt16, UInt32)] = [
        (0x01, 4, .max), (0x02, 4, 1000), (0x04, 0, .max), (0x10, 4, .max), (0x20, 0, .max),
    ]

    @Test func credentialOfSystemdIsPrivate() {
        #expect(FileRights.isPrivate(Self.list(Self.credential), user: 1000))
        #expect(!FileRights.isPrivate(Self.list(Self.credential), user: 1001))
    }

    @Test(arguments: [(0x02, 4, 1001), (0x04, 4, .max), (0x08, 4, 1000), (0x20, 4, .max), (0x40, 4, 0)] as [(UInt16, UInt16, UInt32)])
    func rightsOfOthersAreNot(entry: (UInt16, UInt16, UInt32)) {
        #expect(!FileRights.isPrivate(Self.list(Self.credential + [entry]), user: 1000))
    }

    @Test func malformedListsAreNotPrivate() {
        let good = Self.list(Self.credential)
        #expect(!FileRights.isPrivate([], user: 1000))
        #expect(!FileRights.isPrivate(Array(good.dropLast()), user: 1000))
        #expect(!FileRights.isPrivate([1] + good.dropFirst(), user: 1000))
    }

    private typealias SetAttribute = @convention(c) (UnsafePointer<CChar>, UnsafePointer<CChar>, UnsafeRawPointer?, Int, Int32) -> Int32

    private static func setList(_ list: [UInt8], on path: String) -> Bool {
        guard let symbol = dlsym(nil, "setxattr") else { return false }
        let call = unsafeBitCast(symbol, to: SetAttribute.self)
        return list.withUnsafeBytes { call(path, "system.posix_acl_access", $0.baseAddress, $0.count, 0) } == 0
    }

    private static let hasLists: Bool = {
        var template = Array("/tmp/faxlock-acl-XXXXXX".utf8CString)
        let file = mkstemp(&template)
        guard file >= 0 else { return false }
        close(file)
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { unlink(path) }
        return setList(list([(0x01, 4, .max), (0x02, 4, 1000), (0x04, 0, .max), (0x10, 4, .max), (0x20, 0, .max)]), on: path)
    }()

    @Test(.enabled(if: hasLists, "/tmp has no access control lists"))
    func filesWithListsAreJudgedByTheList() async throws {
        try await TemporaryFolder.with { folder in
            let path = "\(folder.path)/faxlock.key"
            let key = try KeyEncryptionKey.create(at: path)
            var status = stat()
            var entries = Self.credential
            entries[1].2 = geteuid()
            #expect(Self.setList(Self.list(entries), on: path))
            #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o440)
            #expect(try KeyEncryptionKey(contentsOf: path).id == key.id)
            entries[1].2 = 4242
            #expect(Self.setList(Self.list(entries), on: path))
            #expect(throws: KeyFileError.readableByOthers(path, mode: 0o440)) { try KeyEncryptionKey(contentsOf: path) }
        }
    }
}
