import Foundation
import Glibc
import Store
import Testing

@Suite struct DataFolderTests {
    private func withFolder(_ body: (TemporaryFolder) throws -> Void) throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        try body(folder)
    }

    private func failure(_ path: String) -> DataFolder.Failure? {
        do throws(DataFolder.Failure) {
            try DataFolder(path: path).unlock()
            return nil
        } catch {
            return error
        }
    }

    @Test func `it is made, private, and the next start finds it`() throws {
        try withFolder { folder in
            let path = folder.path + "/data"
            let first = try DataFolder(path: path)
            #expect(first.isNew)
            var status = stat()
            #expect(stat(path, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o700)
            #expect(stat(path + "/lock", &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
            #expect(first.database == path + "/faxlock.db")
            #expect(first.blobs == path + "/blobs")
            first.unlock()
            let second = try DataFolder(path: path)
            #expect(!second.isNew)
            second.unlock()
        }
    }

    @Test func `a second server is kept out until the first has gone`() throws {
        try withFolder { folder in
            let path = folder.path + "/data"
            let first = try DataFolder(path: path)
            if case .inUse(path) = failure(path) {} else { Issue.record("the folder was opened twice") }
            if case .inUse(path) = failure(path) {} else { Issue.record("the failed try took the lock") }
            first.unlock()
            #expect(failure(path) == nil)
        }
    }

    @Test func `a file is not a folder`() throws {
        try withFolder { folder in
            let path = folder.path + "/file"
            try Data().write(to: URL(fileURLWithPath: path))
            if case .notAFolder(path) = failure(path) {} else { Issue.record("a file was taken") }
        }
    }

    @Test func `a folder that cannot be made is named with the reason`() throws {
        try withFolder { folder in
            for (path, code) in [(folder.path + "/no/data", ENOENT), (folder.path + "/file/data", ENOTDIR)] {
                try Data().write(to: URL(fileURLWithPath: folder.path + "/file"))
                if case .cannotCreate(path, code) = failure(path) {} else { Issue.record("\(path) was made") }
                #expect(failure(path)?.description.contains(path) == true)
                #expect(failure(path)?.description.contains("FAX_DATA_DIR") == true)
            }
        }
    }

    /// `/proc` takes no files, not even from root.
    @Test func `a folder that cannot be written is refused`() {
        if case .cannotCreate = failure("/proc/self") {} else { Issue.record("/proc/self was taken") }
    }

    @Test(.enabled(if: geteuid() != 0, "root may write everywhere"))
    func `a folder without permission is refused`() throws {
        try withFolder { folder in
            let path = folder.path + "/data"
            try #require(mkdir(path, 0o500) == 0)
            if case .cannotCreate(path, EACCES) = failure(path) {} else { Issue.record("it was taken") }
        }
    }
}
