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

    /// A verdict on one call, or on one with a certain argument.
    package struct Rule: Sendable {
        fileprivate let number: Int
        fileprivate let verdict: Verdict
        fileprivate let argument: (index: Int, value: UInt32)?

        /// - Parameters:
        ///   - number: `SYS_...`
        ///   - argument: the rule is for calls whose argument `index`, 0 to 5, is `value`. Its low 32 bits are compared, which are all of an `int`.
        package init(_ number: Int, _ verdict: Verdict, argument: (index: Int, value: UInt32)? = nil) {
            self.number = number
            self.verdict = verdict
            self.argument = argument
        }
    }

    private let rules: [Rule]
    private let others: Verdict

    /// - Parameters:
    ///   - rules: the first that matches counts.
    ///   - others: of all that no rule is for.
    package init(_ rules: [Rule], others: Verdict) {
        self.rules = rules
        self.others = others
    }

    /// Puts the filter on. The process must have `no_new_privs`.
    /// - Returns: false where the kernel refuses.
    package func apply() -> Bool {
        let program = program
        return program.withUnsafeBufferPointer { cprocess_filter_system_calls($0.baseAddress, UInt16(clamping: $0.count)) == 0 }
    }

    /// BPF: the architecture must be ours (on x86-64 that also leaves out the calls of 32-bit programs) and the number an ordinary one, then
    /// one comparison a call.
    private var program: [sock_filter] {
        func load(_ offset: Int) -> sock_filter { sock_filter(code: 0x20, jt: 0, jf: 0, k: UInt32(offset)) }
        func skip(_ count: UInt8, unlessEqual value: UInt32) -> sock_filter { sock_filter(code: 0x15, jt: 0, jf: count, k: value) }
        func end(_ verdict: Verdict) -> sock_filter { sock_filter(code: 0x06, jt: 0, jf: 0, k: verdict.word) }
        let loadNumber = load(Int(cprocess_offset_number.rawValue))
        var program = [
            load(Int(cprocess_offset_architecture.rawValue)),
            sock_filter(code: 0x15, jt: 1, jf: 0, k: cprocess_architecture),
            end(.fatal),
            loadNumber,
            // x32 has the same architecture and calls everything by other numbers, with this bit.
            sock_filter(code: 0x35, jt: 0, jf: 1, k: 0x4000_0000),
            end(.fatal),
        ]
        for rule in rules {
            let number = UInt32(truncatingIfNeeded: rule.number)
            if let argument = rule.argument {
                program += [
                    skip(4, unlessEqual: number),
                    // Both architectures have the low half first.
                    load(Int(cprocess_offset_arguments.rawValue) + 8 * argument.index),
                    skip(1, unlessEqual: argument.value),
                    end(rule.verdict),
                    loadNumber,
                ]
            } else {
                program += [skip(1, unlessEqual: number), end(rule.verdict)]
            }
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
