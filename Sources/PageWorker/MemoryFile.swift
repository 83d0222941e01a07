import CProcess
import Glibc

/// A file without a name that exists in memory only.
enum MemoryFile {
    /// Makes one that holds `bytes`; its descriptor, or nil.
    static func make(_ bytes: [UInt8]) -> Int32? {
        let descriptor = cprocess_memory_file("faxlock")
        guard descriptor >= 0 else { return nil }
        // The file size limit counts memory files too: lift it for this write.
        let resource = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
        var limit = rlimit()
        getrlimit(resource, &limit)
        var lifted = limit
        lifted.rlim_cur = lifted.rlim_max
        setrlimit(resource, &lifted)
        defer { setrlimit(resource, &limit) }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                close(descriptor)
                return nil
            }
            written += count
        }
        return descriptor
    }
}
