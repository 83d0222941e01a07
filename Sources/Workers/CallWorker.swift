package import FaxModel
import FoundationEssentials
package import NIOCore
package import WorkerProtocol

/// Runs one fax call's media and T.30 in a process of its own (`faxlock-line`): what crashes there ends that call only.
package struct CallWorker: Sendable {
    private let executable: String
    private let group: any EventLoopGroup

    /// - Parameter executable: path of `faxlock-line`.
    package init(executable: String, group: any EventLoopGroup) {
        self.executable = executable
        self.group = group
    }

    /// What a worker says.
    package enum Message: Sendable {
        case event(CallEvent)
        /// A received page, before its ``CallEvent/page(_:)``.
        case page(FaxPage)
    }

    /// The gateway's end of the conversation.
    package struct Conversation: Sendable {
        fileprivate let outbound: WorkerProcess.Outbound
        /// Ends after ``CallEvent/ended(_:)``; if it ends before, the worker died.
        package let messages: AsyncThrowingMapSequence<WorkerProcess.Inbound, Message>

        package func send(_ command: CallCommand) async throws {
            try await outbound.write(Frame(kind: .message, payload: Array(try JSONEncoder().encode(command))))
        }
    }

    /// Starts a worker and its ``CallSetup``.
    /// - Parameters:
    ///   - pages: the TIFF-F file to send; nil on a receiver.
    ///   - record: where the worker of a sender keeps what outlives this process.
    /// - Throws: ``WorkerProcess/StartFailure``, or what `body` throws.
    package func run<Result: Sendable>(
        setup: CallSetup, pages: MemoryFile?, record: CallRecordFile? = nil,
        body: @escaping @Sendable (Conversation) async throws -> Result
    ) async throws -> Result {
        // The worker keeps its own deadline; this one is for a worker that hangs.
        let deadline = Duration.seconds(setup.deadlineSeconds + 10)
        let attachment = try record.map {
            WorkerProcess.Attachment(
                frame: Frame(kind: .message, payload: Array(try JSONEncoder().encode(CallCommand.record))), descriptor: $0.descriptor)
        }
        return try await WorkerProcess.run(
            executable: executable, input: pages, attachment: attachment, deadline: deadline, group: group
        ) { inbound, outbound in
            let conversation = Conversation(outbound: outbound, messages: inbound.map(Self.message))
            try await conversation.send(.start(setup))
            return try await body(conversation)
        }
    }

    @Sendable private static func message(of frame: Frame) async throws -> Message {
        switch frame.kind {
        case .message: .event(try JSONDecoder().decode(CallEvent.self, from: Data(frame.payload)))
        case .page: .page(try PagePayload.decode(frame.payload))
        }
    }
}
