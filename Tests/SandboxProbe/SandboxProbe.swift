import CProcess
import Glibc
import Sandbox

/// Enters a sandbox, tries one thing that it is to prevent or to allow, and says with its exit status what came of it: 0 it went, else the
/// errno. 200 is a sandbox that could not be entered.
@main
struct SandboxProbe {
    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, cprocess_prctl(PR_SET_NO_NEW_PRIVS, 1) == 0 else { exit(201) }
        // Asked outside, whether the kernel can keep signals in.
        if arguments[1...] == ["kernel", "signal-scope"] { exit(cprocess_landlock_version() >= 6 ? 0 : 1) }
        let memory = cprocess_memory_file("probe")
        let socket = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        guard memory >= 0, socket >= 0 else { exit(202) }
        let isInside: Bool
        switch arguments[1] {
        case "call": isInside = CallSandbox.enter(syncing: memory)
        case "document": isInside = DocumentSandbox.enter()
        default: exit(203)
        }
        guard isInside else { exit(200) }
        let result: Int32
        switch arguments[2] {
        case "read-secret": result = open("/etc/passwd", O_RDONLY)
        case "read-library": result = open("/usr/lib/os-release", O_RDONLY)
        case "write-temporary": result = open("/tmp/faxlock-sandbox-probe", O_WRONLY | O_CREAT, 0o600)
        case "list-folder": result = open("/", O_RDONLY | O_DIRECTORY)
        case "memory-file": result = open("/proc/self/fd/\(memory)", O_RDWR)
        case "network": result = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        case "local-socket": result = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        case "program":
            var words: [UnsafeMutablePointer<CChar>?] = [strdup("/bin/true"), nil]
            result = execv("/bin/true", &words)
        case "other-process": result = kill(getppid(), 0)
        // Signal 0 asks for the right and sends nothing.
        case "signal-parent": result = Int32(cprocess_system_call(Int(__NR_tgkill), Int(getppid()), Int(getppid()), 0))
        case "signal-itself": result = Int32(cprocess_system_call(Int(__NR_tgkill), Int(getpid()), Int(getpid()), 0))
        case "signal-by-descriptor": result = Int32(cprocess_system_call(Int(__NR_fcntl), Int(socket), 8 /* F_SETOWN */, Int(getppid())))
        case "signal-child":
            var child = pid_t()
            var words: [UnsafeMutablePointer<CChar>?] = [strdup("sleep"), strdup("60"), nil]
            guard posix_spawn(&child, "/bin/sleep", nil, nil, &words, nil) == 0 else { exit(205) }
            result = kill(child, SIGKILL)
            if result == 0 { waitpid(child, nil, 0) }
        case "sync-record": result = fdatasync(memory)
        case "sync-other": result = fdatasync(socket)
        case "x32": result = Int32(cprocess_system_call(0x4000_0000 + Int(__NR_getpid), 0, 0, 0))
        case "datagram":
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = UInt16(9).bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            result = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
            }
        default: exit(204)
        }
        exit(result >= 0 ? 0 : errno)
    }
}
