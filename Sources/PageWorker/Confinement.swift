import CConfinement
import CProcess
import Glibc
import Sandbox
import WorkerProtocol

/// The limits that the worker puts on itself before it looks at the document. Its children inherit all but the death
/// signal; they end with the pipe that they write to, or with their CPU time. From then on they can read programs,
/// libraries and fonts, and no other file, and open no socket.
enum Confinement {
    private static let cpu = __rlimit_resource_t(RLIMIT_CPU.rawValue)

    /// Sets all limits; false if one could not be set.
    static func enter(for job: PageJob) -> Bool {
        faxlock_close_others()
        let total = UInt(max(1, job.maximumPages)).multipliedReportingOverflow(by: UInt(max(1, job.secondsPerPage)))
        let limits = [
            // One byte, not none: 0 would still feed a core dump handler (core(5)), 1 stops that too.
            limit(__rlimit_resource_t(RLIMIT_CORE.rawValue), 1),
            limit(__rlimit_resource_t(RLIMIT_AS.rawValue), UInt(max(64 << 20, job.maximumMemory))),
            limit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), 64),
            limit(cpu, total.overflow || total.partialValue > 1 << 32 ? 1 << 32 : total.partialValue + 10),
            // A regular file cannot be written at all. Memory files are made with this limit lifted, see `MemoryFile`.
            limit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), 0, hard: 1 << 30),
        ]
        // A write past the limit is an error of that write, not a signal.
        signal(SIGXFSZ, SIG_IGN)
        _ = nice(10)
        // Fontconfig would write its cache there.
        setenv("HOME", "/nonexistent", 1)
        setenv("XDG_CACHE_HOME", "/nonexistent", 1)
        guard !limits.contains(false), cprocess_prctl(PR_SET_NO_NEW_PRIVS, 1) == 0 else { return false }
        // A kernel without these walls still has all of the above; `faxlock doctor` says so.
        _ = DocumentSandbox.enter()
        return true
    }

    /// Gives the worker itself `seconds` of CPU from now on; the kernel ends it after that.
    static func allow(seconds: Int) {
        var used = timespec()
        var now = rlimit()
        guard clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) == 0, getrlimit(Self.cpu, &now) == 0 else { return }
        now.rlim_cur = min(now.rlim_max, UInt(clamping: used.tv_sec + 1 + min(max(1, seconds), 1 << 30)))
        setrlimit(Self.cpu, &now)
    }

    /// Lowers the limit of `resource`. An already lower one stays.
    private static func limit(_ resource: __rlimit_resource_t, _ value: rlim_t, hard: rlim_t? = nil) -> Bool {
        var old = rlimit()
        guard getrlimit(resource, &old) == 0 else { return false }
        let hardLimit = min(hard ?? value, old.rlim_max)
        var new = rlimit(rlim_cur: min(value, hardLimit), rlim_max: hardLimit)
        return setrlimit(resource, &new) == 0
    }
}
