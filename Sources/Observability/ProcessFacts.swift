import Glibc

/// What the kernel says of this process, under the names that dashboards know.
package enum ProcessFacts {
    /// - Parameter startedAt: seconds since 1970.
    package static func readings(startedAt: Double) -> [MetricFamily] {
        var families = [
            MetricFamily.read("process_start_time_seconds", .gauge, "When the process began, in seconds since 1970.", startedAt)
        ]
        if let bytes = residentBytes {
            families.append(.read("process_resident_memory_bytes", .gauge, "Memory that the process has in RAM.", Double(bytes)))
        }
        if let count = openFiles { families.append(.read("process_open_fds", .gauge, "Open file descriptors.", Double(count))) }
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            families.append(.read("process_max_fds", .gauge, "File descriptors that it may have open.", Double(limit.rlim_cur)))
        }
        var usage = rusage()
        if getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 {
            let seconds =
                Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
            families.append(.read("process_cpu_seconds_total", .counter, "Seconds of processor time, user and system.", seconds))
        }
        return families
    }

    /// The second field of /proc/self/statm, in pages. /proc is answered from memory: nothing here waits for a disk.
    static var residentBytes: Int? {
        let file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 128)
        let count = read(file, &bytes, bytes.count)
        guard count > 0 else { return nil }
        let fields = String(decoding: bytes[..<count], as: UTF8.self).split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return nil }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }

    static var openFiles: Int? {
        guard let folder = opendir("/proc/self/fd") else { return nil }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        // `.`, `..` and the folder itself.
        return max(0, count - 3)
    }
}
