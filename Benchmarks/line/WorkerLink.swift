import CProcess
import FaxModel
import FoundationEssentials
import Glibc
import WorkerProtocol

/// One `faxlock-line` process and the gateway's end of its conversation.
struct WorkerLink: ~Copyable {
    struct StartFailure: Error {
        let reason: String
    }

    enum Message {
        case event(CallEvent)
        case page(FaxPage)
        /// The conversation ended.
        case closed
        /// The worker said something that is no message.
        case unintelligible
    }

    /// How the process ended, and what it used.
    struct Exit {
        /// 0 if it left by itself.
        let signal: Int32
        let status: Int32
        let processorSeconds: Double
    }

    let descriptor: Int32
    private let process: pid_t
    private var decoder = FrameDecoder()
    private var isReaped = false

    /// - Parameter input: the TIFF to send, or `/dev/null`.
    init(executable: String, input: Int32) throws {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw StartFailure(reason: String(cString: strerror(errno)))
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        var process: pid_t = 0
        let arguments = [strdup(executable), nil]
        let environment = [strdup("PATH=/usr/bin:/bin"), strdup("LC_ALL=C.UTF-8"), strdup("SWIFT_BACKTRACE=enable=no"), nil]
        let result = posix_spawn(&process, executable, &actions, nil, arguments, environment)
        for string in arguments + environment { free(string) }
        posix_spawn_file_actions_destroy(&actions)
        close(ends[1])
        guard result == 0 else {
            close(ends[0])
            throw StartFailure(reason: "\(executable): \(String(cString: strerror(result)))")
        }
        self.process = process
        descriptor = ends[0]
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }

    deinit {
        close(descriptor)
        if !isReaped {
            kill(process, SIGKILL)
            waitpid(process, nil, 0)
        }
    }

    /// A command is far smaller than the socket's buffer; a worker that is gone shows in ``receive()``.
    func send(_ command: CallCommand) {
        guard let payload = try? JSONEncoder().encode(command) else { return }
        let bytes = Frame(kind: .message, payload: Array(payload)).encoded
        _ = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }

    /// What has arrived.
    mutating func receive() -> [Message] {
        var messages: [Message] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var isClosed = false
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count > 0 {
                decoder.append(buffer[..<count])
            } else {
                isClosed = count == 0 || (errno != EAGAIN && errno != EINTR)
                break
            }
        }
        do {
            while let frame = try decoder.next() {
                switch frame.kind {
                case .message: messages.append(.event(try JSONDecoder().decode(CallEvent.self, from: Data(frame.payload))))
                case .page: messages.append(.page(try PagePayload.decode(frame.payload)))
                }
            }
        } catch {
            messages.append(.unintelligible)
        }
        if isClosed { messages.append(decoder.hasPartialFrame ? .unintelligible : .closed) }
        return messages
    }

    /// Lets the process die as by an access to memory that it does not have.
    func crash() {
        if !isReaped { kill(process, SIGSEGV) }
    }

    /// Whether the process has ended, and how.
    mutating func reap() -> Exit? {
        var status: Int32 = 0
        var usage = rusage()
        guard !isReaped, wait4(process, &status, WNOHANG, &usage) == process else { return nil }
        isReaped = true
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return Exit(
            signal: status & 0x7F, status: (status >> 8) & 0xFF, processorSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime))
    }
}
