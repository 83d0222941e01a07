import Glibc

/// The names of the entries of a folder.
enum FolderListing {
    /// - Throws: ``BlobError/system(operation:errno:)``.
    static func names(in folder: String, of root: OpenFile) throws(BlobError) -> [String] {
        let descriptor = openat(root.descriptor, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw BlobError("opening the folder", errno: errno) }
        // The stream owns the descriptor and closes it.
        guard let stream = fdopendir(descriptor) else {
            let code = errno
            close(descriptor)
            throw BlobError("opening the folder", errno: code)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 else { throw BlobError("listing", errno: errno) }
                return names
            }
            // The kernel ends each name with a zero byte within `d_name`.
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
    }
}
