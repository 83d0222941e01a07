import CProcess
import Glibc

/// Which system calls a process can still make (seccomp, seccomp(2)). It holds for all threads and for whatever the process starts.
package struct SystemCallFilter: Sendable {
    /// What becomes of a call.
    package enum Verdict: Sendable {
        case allowed
        /// It returns EPERM.
        case refused
        /// The process is killed: nothing that it is for does this.
        case fatal

        fileprivate var word: UInt32 {
            switch self {
            case .allowed: 0x7FFF_0000
            case .refused: 0x0005_0000 | UInt32(EPERM)
            case .fatal: 0x8000_0000
            }
        }
    }

    private let verdicts: [(number: Int, verdict: Verdict)]
    private let others: Verdict

    /// - Parameters:
    ///   - verdicts: of calls by their numbers (`SYS_...`), the first that matches.
    ///   - others: of all that are not named.
    package init(_ verdicts: [(number: Int, verdict: Verdict)], others: Verdict) {
        self.verdicts = verdicts
        self.others = others
    }

    /// Puts the filter on. The process must have `no_new_privs`.
    /// - Returns: false where the kernel refuses.
    package func apply() -> Bool {
        let program = program
        return program.withUnsafeBufferPointer { cprocess_filter_system_calls($0.baseAddress, UInt16(clamping: $0.count)) == 0 }
    }

    /// BPF: the architecture must be ours (on x86-64 that also leaves out the calls of 32-bit programs), then one comparison a call.
    private var program: [sock_filter] {
        func load(_ offset: Int) -> sock_filter { sock_filter(code: 0x20, jt: 0, jf: 0, k: UInt32(offset)) }
        func skipUnlessEqual(_ value: UInt32) -> sock_filter { sock_filter(code: 0x15, jt: 0, jf: 1, k: value) }
        func end(_ verdict: Verdict) -> sock_filter { sock_filter(code: 0x06, jt: 0, jf: 0, k: verdict.word) }
        var program = [
            load(Int(cprocess_offset_architecture.rawValue)),
            sock_filter(code: 0x15, jt: 1, jf: 0, k: cprocess_architecture),
            end(.fatal),
            load(Int(cprocess_offset_number.rawValue)),
        ]
        for (number, verdict) in verdicts {
            program += [skipUnlessEqual(UInt32(truncatingIfNeeded: number)), end(verdict)]
        }
        return program + [end(others)]
    }

    /// Calls by which a process that was taken over would reach out: other programs, other processes, the network, the kernel's own settings.
    package static let reachingOut: [Int] = [
        Int(__NR_execve), Int(__NR_execveat), Int(__NR_ptrace), Int(__NR_process_vm_readv), Int(__NR_process_vm_writev), Int(__NR_socket),
        Int(__NR_socketpair), Int(__NR_bind), Int(__NR_listen), Int(__NR_accept), Int(__NR_accept4), Int(__NR_mount), Int(__NR_umount2),
        Int(__NR_chroot), Int(__NR_pivot_root), Int(__NR_setns), Int(__NR_unshare), Int(__NR_bpf), Int(__NR_perf_event_open),
        Int(__NR_keyctl), Int(__NR_add_key), Int(__NR_request_key), Int(__NR_init_module), Int(__NR_finit_module), Int(__NR_kexec_load),
        Int(__NR_userfaultfd), Int(__NR_io_uring_setup), Int(__NR_io_uring_enter), Int(__NR_io_uring_register),
    ]
}
