import CProcess
import Doctor
import Glibc

extension ServerFacts.Walls {
    /// Those that this process and what it starts can have. Asked here, not by the doctor: the doctor is in no unit or container.
    static var here: ServerFacts.Walls {
        // A filter where nothing is mapped is never put on; why it is refused tells whether there are filters (seccomp(2)): EFAULT, or EACCES
        // without `no_new_privs`. A null pointer would be EINVAL, as on a kernel that has none.
        let isRefused = cprocess_filter_system_calls(UnsafePointer(bitPattern: 8), 1) != 0
        return ServerFacts.Walls(
            landlock: max(0, Int(cprocess_landlock_version())), system_call_filter: isRefused && [EFAULT, EACCES].contains(errno))
    }
}
