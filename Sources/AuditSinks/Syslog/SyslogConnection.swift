import Glibc
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS

/// A connection on which the server has proved who it is.
struct SyslogConnection: Sendable {
    private let channel: any Channel
    private let peer: String

    /// Bytes that are handed to the connection at a time; each has ``writeLimit``.
    private static let pieceSize = 1 << 20
    private static let writeLimit = TimeAmount.seconds(15)
    private static let handshakeLimit = TimeAmount.seconds(10)
    /// A server that refuses this client's certificate says so after TLS 1.3's handshake has ended on this side.
    private static let settling = TimeAmount.milliseconds(200)
    /// How long the other machine may acknowledge nothing before TCP gives up; see ``ResendWindow``.
    private static let acknowledgementLimit = 30_000

    /// Connects and shakes hands.
    /// - Throws: ``AuditSinkError``.
    static func open(to endpoint: SyslogEndpoint, tls: SyslogTLS, pool: NIOThreadPool) async throws -> SyslogConnection {
        let peer = "the syslog server \(endpoint)"
        let context = try await pool.runIfActive { try tls.context() }
        // Without a name the certificate must have the address.
        let name = tls.serverName ?? (AddressFamily(of: endpoint.host) == nil ? endpoint.host : nil)
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let ready = loop.makePromise(of: Void.self)
        do {
            let channel = try await ClientBootstrap(group: loop)
                .connectTimeout(handshakeLimit)
                .channelOption(.socketOption(.so_keepalive), value: 1)
                .channelOption(.tcpOption(.init(rawValue: TCP_USER_TIMEOUT)), value: acknowledgementLimit)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let client = try NIOSSLClientHandler(context: context, serverHostname: name)
                        try channel.pipeline.syncOperations.addHandlers(client, SyslogServerWatch(ready: ready, settling: settling))
                    }
                }
                .connect(host: endpoint.host, port: endpoint.port).get()
            let timer = loop.scheduleTask(in: handshakeLimit) {
                ready.fail(ChannelError.connectTimeout(handshakeLimit))
                channel.close(mode: .all, promise: nil)
            }
            defer { timer.cancel() }
            try await withTaskCancellationHandler {
                try await ready.futureResult.get()
            } onCancel: {
                channel.close(mode: .all, promise: nil)
            }
            return SyslogConnection(channel: channel, peer: peer)
        } catch {
            ready.fail(error)
            throw AuditSinkError(connectionTo: peer, error)
        }
    }

    /// False when it is known to have ended.
    var isOpen: Bool { channel.isActive }

    /// Hands bytes to the connection; returns when the system has taken them.
    /// - Throws: ``AuditSinkError``; then the connection is closed.
    func write(_ frames: [[UInt8]]) async throws {
        var piece = ByteBuffer()
        for (index, frame) in frames.enumerated() {
            piece.writeBytes(frame)
            guard piece.readableBytes >= Self.pieceSize || index == frames.count - 1 else { continue }
            try await write(piece)
            piece = ByteBuffer()
        }
    }

    /// Says goodbye and waits a moment until the server has answered, which it does after it has read everything (RFC 5425 4.4).
    func close() async {
        // An answer that does not come changes nothing: the connection is closed then too.
        try? await channel.close().get()
    }

    private func write(_ piece: ByteBuffer) async throws {
        let timer = channel.eventLoop.scheduleTask(in: Self.writeLimit) { [channel] in channel.close(mode: .all, promise: nil) }
        defer { timer.cancel() }
        do {
            try await withTaskCancellationHandler {
                try await channel.writeAndFlush(piece).get()
            } onCancel: {
                channel.close(mode: .all, promise: nil)
            }
        } catch {
            channel.close(mode: .all, promise: nil)
            throw AuditSinkError(connectionTo: peer, error)
        }
    }
}

/// Learns that the server was verified, and that it left. What it sends is thrown away: syslog goes one way.
private final class SyslogServerWatch: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let ready: EventLoopPromise<Void>
    private let settling: TimeAmount

    init(ready: EventLoopPromise<Void>, settling: TimeAmount) {
        self.ready = ready
        self.settling = settling
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent {
            _ = context.eventLoop.scheduleTask(in: settling) { [ready] in ready.succeed() }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        ready.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        ready.fail(ChannelError.eof)
        context.fireChannelInactive()
    }
}
