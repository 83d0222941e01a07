import NIOCore
import NIOPosix

/// A TCP connection to a server on the loopback that sends just the bytes it is told to.
struct RawConnection {
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private let channel: any Channel
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private(set) var received = ""
    /// Whether the server has closed its half.
    private(set) var isEnded = false

    /// Connects, runs `body` and closes the connection.
    static func with<Value>(port: Int?, _ body: (inout RawConnection) async throws -> Value) async throws -> Value {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "localhost", port: port ?? 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var connection = RawConnection(outbound: outbound, channel: channel.channel, inbound: inbound.makeAsyncIterator())
            return try await body(&connection)
        }
    }

    func send(_ text: String) async throws {
        try await send(Array(text.utf8))
    }

    func send(_ bytes: [UInt8]) async throws {
        try await outbound.write(ByteBuffer(bytes: bytes))
    }

    /// Tells the server that nothing more comes, and still listens.
    func finishSending() {
        outbound.finish()
    }

    /// Goes away without a word.
    func close() async throws {
        try await channel.close()
    }

    /// Receives until `text` was received or the server closed its half.
    mutating func receive(until text: String) async throws {
        while !received.contains(text), !isEnded { try await receive() }
    }

    /// Receives until the server closes its half.
    mutating func receiveAll() async throws {
        while !isEnded { try await receive() }
    }

    private mutating func receive() async throws {
        if let buffer = try await inbound.next(isolation: #isolation) {
            received += String(decoding: buffer.readableBytesView, as: UTF8.self)
        } else {
            isEnded = true
        }
    }
}
