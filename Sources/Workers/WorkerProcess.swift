import Glibc
package import NIOCore
import NIOPosix
import Subprocess
import Synchronization
import SystemPackage
package import WorkerProtocol

/// A child process that handles one foreign thing (a document, a call), and the conversation with it.
///
/// The child has a memory file on descriptor 0 and one end of a socket pair on descriptor 1. It is in a process group of its own and is
/// killed with all its children when the conversation ends, when its time is up or when the task is cancelled: it holds nothing that
/// the gateway has not been told.
package enum WorkerProcess {
    package typealias Inbound = NIOAsyncChannelInboundStream<Frame>
    package typealias Outbound = NIOAsyncChannelOutboundWriter<Frame>

    /// The worker could not be started.
    package struct StartFailure: Error, CustomStringConvertible {
        let executable: String
        let reason: String
        package var description: String {
            "the worker \(executable) could not be started (\(reason)); it belongs beside the faxlock executable"
        }
    }

    /// A descriptor that the worker gets besides, with the first message that it reads.
    struct Attachment {
        let frame: Frame
        let descriptor: Int32

        /// The socket is new: it has room for a message.
        fileprivate func send(on socket: Int32) -> Bool {
            let bytes = frame.encoded
            return PassedDescriptor.send(descriptor, with: bytes, on: socket) == bytes.count
        }
    }

    /// Runs `executable` for the length of `body`.
    /// - Parameters:
    ///   - deadline: the process is killed after this time; `body` then sees the end of the stream.
    ///   - body: the conversation; a stream that ends before the worker's last word means that the worker died.
    /// - Throws: ``StartFailure``, or what `body` throws.
    package static func run<Result: Sendable>(
        executable: String, arguments: [String] = [], input: MemoryFile?, deadline: Duration, group: any EventLoopGroup,
        body: @escaping @Sendable (Inbound, Outbound) async throws -> Result
    ) async throws -> Result {
        try await run(
            executable: executable, arguments: arguments, input: input, attachment: nil, deadline: deadline, group: group, body: body)
    }

    /// The same with a descriptor that the worker keeps when the gateway is gone.
    static func run<Result: Sendable>(
        executable: String, arguments: [String] = [], input: MemoryFile?, attachment: Attachment?, deadline: Duration,
        group: any EventLoopGroup, body: @escaping @Sendable (Inbound, Outbound) async throws -> Result
    ) async throws -> Result {
        let nothing = try FileDescriptor.open("/dev/null", .readOnly)
        defer { try? nothing.close() }
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw StartFailure(executable: executable, reason: String(cString: strerror(errno)))
        }
        let (ours, theirs) = (ends[0], ends[1])
        if let attachment, !attachment.send(on: ours) {
            let reason = String(cString: strerror(errno))
            close(ours)
            close(theirs)
            throw StartFailure(executable: executable, reason: reason)
        }
        let channel: NIOAsyncChannel<Frame, Frame>
        do {
            channel = try await ClientBootstrap(group: group).withConnectedSocket(ours) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers(
                        ByteToMessageHandler(FrameCodec()), MessageToByteHandler(FrameCodec()))
                    return try NIOAsyncChannel(wrappingChannelSynchronously: channel)
                }
            }
        } catch {
            close(theirs)
            throw error
        }
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [.send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .zero)]
        input?.rewind()
        // What the conversation came to stands, whatever goes wrong in clearing up after it.
        let outcome = Mutex<Result?>(nil)
        do {
            let finished = try await Subprocess.run(
                .path(FilePath(executable)), arguments: Arguments(arguments), environment: environment,
                platformOptions: options,
                input: .fileDescriptor(
                    input.map { FileDescriptor(rawValue: $0.descriptor) } ?? nothing, closeAfterSpawningProcess: false),
                output: .fileDescriptor(FileDescriptor(rawValue: theirs), closeAfterSpawningProcess: true),
                error: .currentStandardError
            ) { execution in
                let timer = Task {
                    try await Task.sleep(for: deadline)
                    try execution.send(signal: .kill, toProcessGroup: true)
                }
                defer {
                    timer.cancel()
                    try? execution.send(signal: .kill, toProcessGroup: true)
                }
                return try await channel.executeThenClose { inbound, outbound in
                    let result = try await body(inbound, outbound)
                    outcome.withLock { $0 = result }
                    return result
                }
            }
            return finished.closureResult
        } catch {
            if let result = outcome.withLock({ $0 }) { return result }
            // Where the process was never started, the channel was never served.
            _ = try? await channel.executeThenClose { _, _ in }
            if let error = error as? SubprocessError { throw StartFailure(executable: executable, reason: "\(error)") }
            throw error
        }
    }

    /// Nothing of the gateway's environment: it may hold secrets.
    private static var environment: Environment {
        .custom(["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "SWIFT_BACKTRACE": "enable=no"])
    }
}
