import CProcess
import Glibc
import Sandbox

/// Takes from this process what a call does not need, before the first byte from outside is read.
enum ProcessConfinement {
    /// Address space, bytes: a call needs about 60 MB of it, a long page of a hostile sender should end here.
    private static let addressSpace: UInt = 768 << 20
    /// The received document, bytes: 2,000 heavy pages.
    private static let fileSize: UInt = 256 << 20
    /// Two pipes, standard error, socket, record, memory file, and libtiff's own on both documents.
    private static let descriptors: UInt = 24

    static func apply() {
        // No page image in a core dump.
        _ = cprocess_set_limit(cprocess_limit_core, 1)
        _ = cprocess_set_limit(cprocess_limit_memory, addressSpace)
        _ = cprocess_set_limit(cprocess_limit_file_size, fileSize)
        _ = cprocess_set_limit(cprocess_limit_descriptors, descriptors)
        // A modem that is served late loses its place. Without the right to it this changes nothing.
        _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, -5)
        _ = cprocess_prctl(PR_SET_NO_NEW_PRIVS, 1)
        // No PR_SET_PDEATHSIG: it kills when the *thread* ends that started this process, and a gateway's threads come
        // and go. The end of the conversation, the deadline and the processor limit end an orphan. No other process of
        // this user may look into this one; unless that closes our own way to descriptor 0.
        _ = cprocess_prctl(PR_SET_DUMPABLE, 0)
        let probe = open(LineDocuments.toSend, O_RDONLY | O_CLOEXEC)
        if probe >= 0 {
            close(probe)
        } else {
            _ = cprocess_prctl(PR_SET_DUMPABLE, 1)
        }
    }

    /// A tenth of the call's time and a minute: a paced call takes a thousandth.
    static func limitProcessorTime(forCallOf seconds: Int) {
        _ = cprocess_set_limit(cprocess_limit_processor, UInt(60 + max(0, seconds) / 10))
    }

    /// The walls, once the socket is there and before the first byte of the far end is looked at: no file but the call's own memory files,
    /// no other socket, no program. A kernel without them still has the limits; `faxlock doctor` says so.
    /// - Parameter record: the call's record, the one file on a disk that it writes to.
    static func seal(record: Int32? = nil) {
        _ = CallSandbox.enter(syncing: record)
    }
}
