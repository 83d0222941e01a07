import Foundation
import Glibc
import Testing
import WorkerProtocol
import Workers

/// A calling worker whose gateway can be killed: all that a dead process had open is closed, and nobody kills the worker.
final class Orphan: Sendable {
    struct Failure: Error {}

    let pid: pid_t
    /// What it says, until ``loseGateway()``.
    let events: AsyncStream<CallEvent>
    private let gateway: Int32

    /// - Parameter record: passed to the worker; the caller's own copy is the caller's to close.
    init(setup: CallSetup, document: MemoryFile, record: Int32) throws {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else { throw Failure() }
        document.rewind()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, document.descriptor, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        var pid: pid_t = 0
        let arguments = [strdup(TwoWorkers.executable), nil]
        let environment = [strdup("SWIFT_BACKTRACE=enable=no"), nil]
        let result = posix_spawn(&pid, TwoWorkers.executable, &actions, nil, arguments, environment)
        for string in arguments + environment { free(string) }
        posix_spawn_file_actions_destroy(&actions)
        close(ends[1])
        guard result == 0 else {
            close(ends[0])
            throw Failure()
        }
        self.pid = pid
        let gateway = ends[0]
        self.gateway = gateway
        let (events, continuation) = AsyncStream<CallEvent>.makeStream()
        self.events = events
        // A thread of its own, as reading waits.
        Thread.detachNewThread {
            var decoder = FrameDecoder()
            var buffer = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = read(gateway, &buffer, buffer.count)
                guard count > 0 else { break }
                decoder.append(buffer[..<count])
                while let frame = try? decoder.next() {
                    if let event = try? JSONDecoder().decode(CallEvent.self, from: Data(frame.payload)) { continuation.yield(event) }
                }
            }
            continuation.finish()
        }
        let first = Frame(kind: .message, payload: Array(try JSONEncoder().encode(CallCommand.record))).encoded
        guard PassedDescriptor.send(record, with: first, on: gateway) == first.count else { throw Failure() }
        try send(.start(setup))
    }

    deinit {
        close(gateway)
        kill(pid, SIGKILL)
        // It is dead, or dies at once.
        waitpid(pid, nil, 0)
    }

    func send(_ command: CallCommand) throws {
        let bytes = Frame(kind: .message, payload: Array(try JSONEncoder().encode(command))).encoded
        guard bytes.withUnsafeBytes({ Glibc.send(gateway, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }) == bytes.count else {
            throw Failure()
        }
    }

    /// As the kernel does when the gateway dies: both directions are over.
    func loseGateway() { shutdown(gateway, Int32(SHUT_RDWR)) }

    /// As when the machine's memory is out.
    func killWorker() { kill(pid, SIGKILL) }
}
