import CProcess
import Glibc

/// What the server's process does for its own safety before it reads a key.
enum ProcessHardening {
    static func apply() {
        // One byte, not none: a limit of 0 still feeds a core dump handler on a pipe (core(5)). No page, number or key goes there.
        _ = cprocess_set_limit(cprocess_limit_core, 1)
        // Connections, calls and documents take descriptors; a shell's default of 1,024 is a limit of habit.
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            limit.rlim_cur = min(limit.rlim_max, 65_536)
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
    }
}
