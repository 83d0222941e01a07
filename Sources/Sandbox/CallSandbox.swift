import CProcess
import Glibc

/// The sandbox of a call's worker: it has its socket, its conversation, its record and its memory files, and nothing else.
package enum CallSandbox {
    /// Enters it, for good. What the call needs is open by then. The process must have `no_new_privs`.
    /// - Parameter record: the descriptor of a file on a disk that is written durably (fdatasync(2)); of no other can that be asked.
    /// - Returns: whether both walls stand: files (Landlock) and system calls (seccomp).
    package static func enter(syncing record: Int32? = nil) -> Bool {
        let files = FileAccess.restrict()
        let calls = SystemCallFilter(
            SystemCallFilter.reachingOut.map { .init($0, .fatal) } + signals + syncing(record) + needed.map { .init(Int($0), .allowed) },
            others: .refused
        ).apply()
        return files && calls
    }

    /// The C library ends a process by a signal to itself. To others, the gateway among them, it could be sent directly, or by the kernel as
    /// soon as a descriptor can be read.
    private static var signals: [SystemCallFilter.Rule] {
        [.init(Int(__NR_tgkill), .allowed, argument: (0, UInt32(bitPattern: getpid())))]
            + [F_SETOWN, F_SETSIG, F_SETOWN_EX].map { .init(Int(__NR_fcntl), .refused, argument: (1, UInt32(bitPattern: $0))) }
    }

    private static func syncing(_ record: Int32?) -> [SystemCallFilter.Rule] {
        record.map { [.init(Int(__NR_fdatasync), .allowed, argument: (0, UInt32(bitPattern: $0)))] } ?? []
    }

    private static let (F_SETOWN, F_SETSIG, F_SETOWN_EX): (Int32, Int32, Int32) = (8, 10, 15)

    /// Reading, writing and waiting on what is open; memory; time. `openat` is for memory files: Landlock lets it have no others.
    private static let needed: [Int32] = {
        var calls: [Int32] = [
            __NR_read, __NR_write, __NR_readv, __NR_writev, __NR_pread64, __NR_pwrite64, __NR_lseek, __NR_close, __NR_fstat,
            __NR_newfstatat, __NR_statx,
            __NR_fcntl, __NR_ftruncate, __NR_openat, __NR_memfd_create, __NR_ppoll, __NR_sendto, __NR_recvfrom, __NR_sendmsg, __NR_recvmsg,
            __NR_connect,
            __NR_getsockname, __NR_getpeername, __NR_getsockopt, __NR_setsockopt, __NR_clock_gettime, __NR_clock_nanosleep, __NR_nanosleep,
            __NR_gettimeofday, __NR_mmap, __NR_munmap, __NR_mremap, __NR_mprotect, __NR_madvise, __NR_brk, __NR_futex, __NR_getrandom,
            __NR_rt_sigaction, __NR_rt_sigprocmask, __NR_rt_sigreturn, __NR_restart_syscall, __NR_sigaltstack, __NR_exit, __NR_exit_group,
            __NR_getpid, __NR_gettid, __NR_getrusage, __NR_sched_yield,
        ]
        #if arch(x86_64)
            calls += [__NR_poll, __NR_time]
        #endif
        return calls
    }()
}
