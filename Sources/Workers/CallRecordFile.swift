import Glibc
import NIOPosix
import WorkerProtocol

/// The file in which a line worker keeps what it knows of one call (``CallRecord``), for the time after this process was killed.
///
/// It is made, and locked (flock(2)), before the call; the worker gets the same open file, and with it the lock. So the lock is free as soon as
/// neither this process nor the worker is there, and not before.
package final class CallRecordFile: Sendable {
    /// A system call on a record or its folder failed.
    package struct Failure: Error, CustomStringConvertible {
        let call: String
        let path: String
        let code: Int32
        package var description: String { "\(call) of the call record \(path) failed: \(String(cString: strerror(code)))" }
    }

    package let path: String
    /// Open for writing and locked. The lock goes with the last descriptor of this open file, here or in the worker.
    package let descriptor: Int32

    /// Makes the record of a call that is about to be made: `folder/reference`, mode 0600, and durably there when this returns.
    ///
    /// - Parameters:
    ///   - folder: is made (mode 0700) if it is not there; its parent must be.
    ///   - reference: the attempt's; a record of that name must not exist.
    ///   - pages: of the document; room for their entries is taken now, so that a full disk does not end the call in its middle.
    /// - Throws: ``Failure``; the call must not be made then.
    package static func make(in folder: String, reference: String, pages: Int) async throws -> CallRecordFile {
        try await NIOThreadPool.singleton.runIfActive { try CallRecordFile(folder: folder, reference: reference, pages: pages) }
    }

    /// Takes away the record of a call whose outcome is committed; nothing where there is none. An open record goes on.
    package static func remove(_ reference: String, in folder: String) async throws {
        try await NIOThreadPool.singleton.runIfActive {
            let path = try path(of: reference, in: folder)
            guard unlink(path) == 0 || errno == ENOENT else { throw Failure(call: "unlink", path: path, code: errno) }
        }
    }

    /// The references of all records in `folder`, in no order; none where it does not exist.
    package static func references(in folder: String) async throws -> [String] {
        try await NIOThreadPool.singleton.runIfActive {
            guard let handle = opendir(folder) else {
                guard errno == ENOENT else { throw Failure(call: "opendir", path: folder, code: errno) }
                return []
            }
            defer { closedir(handle) }
            var names: [String] = []
            while let entry = readdir(handle) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
                if !name.hasPrefix(".") { names.append(name) }
            }
            return names
        }
    }

    /// Where the record of `reference` is.
    /// - Throws: ``Failure`` for what is no name of a file.
    package static func path(of reference: String, in folder: String) throws(Failure) -> String {
        guard !reference.isEmpty, !reference.hasPrefix("."), !reference.utf8.contains(where: { $0 == 0x2F || $0 == 0 }) else {
            throw Failure(call: "open", path: folder, code: EINVAL)
        }
        return folder + "/" + reference
    }

    private init(folder: String, reference: String, pages: Int) throws(Failure) {
        let path = try Self.path(of: reference, in: folder)
        if mkdir(folder, 0o700) == 0 { try Self.synchronise(folder: Self.parent(of: folder)) }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(call: "open", path: path, code: errno) }
        self.path = path
        self.descriptor = descriptor
        do throws(Failure) {
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { throw Failure(call: "flock", path: path, code: errno) }
            try Self.reserve(descriptor, path: path, pages: pages)
            try Self.synchronise(folder: folder)
        } catch {
            // The lock is this object's to give up; the name would stay.
            unlink(path)
            throw error
        }
    }

    deinit { close(descriptor) }

    /// Zeros, which are no entry.
    private static func reserve(_ descriptor: Int32, path: String, pages: Int) throws(Failure) {
        let entries = min(2 * max(0, min(pages, CallRecordEntry.maximumCount)) + 16, CallRecordEntry.maximumCount)
        let zeros = [UInt8](repeating: 0, count: (entries * CallRecordEntry.length + 4095) & ~4095)
        let written = pwrite(descriptor, zeros, zeros.count, 0)
        guard written == zeros.count else { throw Failure(call: "write", path: path, code: written < 0 ? errno : ENOSPC) }
    }

    private static func parent(of folder: String) -> String {
        guard let slash = folder.lastIndex(of: "/") else { return "." }
        return slash == folder.startIndex ? "/" : String(folder[..<slash])
    }

    private static func synchronise(folder: String) throws(Failure) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(call: "open", path: folder, code: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw Failure(call: "fsync", path: folder, code: errno) }
    }
}
