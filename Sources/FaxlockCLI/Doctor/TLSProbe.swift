import Doctor
import FaxModel
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS

/// Connects to where clients come in, as clients of several kinds would (45 CFR 164.312(e)).
struct TLSProbe {
    let host: String
    let port: Int
    /// What a client of today trusts and shows.
    let client: TLSConfiguration

    /// What a handshake came to.
    private struct Handshake: Sendable {
        let version: String
        let certificateEnd: Int64
    }

    private struct Refused: Error, CustomStringConvertible {
        let description: String
    }

    /// Nobody waits longer for a handshake.
    private static let limit = TimeAmount.seconds(10)

    func run(now: Timestamp) async -> Seen<Facts.TLS> {
        guard await isListening else { return .unknown("\(host):\(port) does not take connections") }
        var modern = client
        modern.minimumTLSVersion = .tlsv12
        let trusted = await handshake(modern)
        var seen = trusted
        var problem: String?
        if case .failure(let error) = trusted {
            // The same without a look at the certificate: was it that, or TLS itself?
            modern.certificateVerification = .none
            seen = await handshake(modern)
            problem = "\(error)"
        }
        var old = modern
        old.certificateVerification = .none
        old.minimumTLSVersion = .tlsv1
        old.maximumTLSVersion = .tlsv11
        let acceptsOld = if case .success = await handshake(old) { true } else { false }
        let answersPlaintext = await answersPlaintext()
        switch seen {
        case .success(let handshake):
            return .value(
                Facts.TLS(
                    target: "\(host):\(port)", modern: .agreed(handshake.version), acceptsOld: acceptsOld,
                    answersPlaintext: answersPlaintext, certificateProblem: problem,
                    daysLeft: Int((handshake.certificateEnd - now.milliseconds / 1000) / 86_400)))
        case .failure(let error):
            return .value(
                Facts.TLS(
                    target: "\(host):\(port)", modern: .refused("\(error)"), acceptsOld: acceptsOld, answersPlaintext: answersPlaintext,
                    certificateProblem: nil, daysLeft: 0))
        }
    }

    private var bootstrap: ClientBootstrap {
        ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connectTimeout(Self.limit)
    }

    private var isListening: Bool {
        get async {
            guard let channel = try? await bootstrap.connect(host: host, port: port).get() else { return false }
            try? await channel.close()
            return true
        }
    }

    private func handshake(_ configuration: TLSConfiguration) async -> Result<Handshake, any Error> {
        do {
            let context = try NIOSSLContext(configuration: configuration)
            // An address is no name that could be indicated (RFC 6066 3).
            let name = (try? SocketAddress(ipAddress: host, port: 0)) == nil ? host : nil
            let loop = MultiThreadedEventLoopGroup.singleton.next()
            let promise = loop.makePromise(of: Handshake.self)
            let channel: any Channel
            do {
                channel = try await ClientBootstrap(group: loop).connectTimeout(Self.limit).channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandlers([
                            try NIOSSLClientHandler(context: context, serverHostname: name), HandshakeHandler(promise: promise),
                        ])
                    }
                }.connect(host: host, port: port).get()
            } catch {
                promise.fail(error)
                throw error
            }
            let timer = loop.scheduleTask(in: Self.limit) { promise.fail(Refused(description: "no answer within ten seconds")) }
            let result = await promise.futureResult.asResult()
            timer.cancel()
            try? await channel.close()
            return result
        } catch {
            return .failure(error)
        }
    }

    /// Tells what came of a handshake; the connection is not used.
    private final class HandshakeHandler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let promise: EventLoopPromise<Handshake>

        init(promise: EventLoopPromise<Handshake>) {
            self.promise = promise
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            guard case TLSUserEvent.handshakeCompleted? = event as? TLSUserEvent else {
                return context.fireUserInboundEventTriggered(event)
            }
            let handler = try? context.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self)
            let version =
                switch handler?.tlsVersion {
                case .tlsv13?: "TLS 1.3"
                case .tlsv12?: "TLS 1.2"
                default: "TLS before 1.2"
                }
            promise.succeed(Handshake(version: version, certificateEnd: Int64(handler?.peerCertificate?.notValidAfter ?? 0)))
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            promise.fail(error)
            context.close(promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            promise.fail(Refused(description: "the connection was closed in the handshake"))
        }
    }

    /// Whether the port gives HTTP answers without TLS. A 400 is a refusal that web servers word for people.
    private func answersPlaintext() async -> Bool {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let promise = loop.makePromise(of: [UInt8].self)
        do {
            let channel = try await ClientBootstrap(group: loop).connectTimeout(Self.limit).channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(FirstLineHandler(promise: promise))
                }
            }.connect(host: host, port: port).get()
            let timer = loop.scheduleTask(in: Self.limit) { promise.succeed([]) }
            try? await channel.writeAndFlush(ByteBuffer(string: "GET /health HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n"))
            let start = try await promise.futureResult.get()
            timer.cancel()
            try? await channel.close()
            return start.starts(with: Array("HTTP/1.".utf8)) && !start.dropFirst(8).starts(with: Array(" 400".utf8))
        } catch {
            promise.succeed([])
            return false
        }
    }

    /// The first bytes that come.
    private final class FirstLineHandler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let promise: EventLoopPromise<[UInt8]>
        private var bytes: [UInt8] = []

        init(promise: EventLoopPromise<[UInt8]>) {
            self.promise = promise
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            bytes += unwrapInboundIn(data).readableBytesView.prefix(64)
            if bytes.count >= 12 { promise.succeed(bytes) }
        }

        func channelInactive(context: ChannelHandlerContext) { promise.succeed(bytes) }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            promise.succeed(bytes)
            context.close(promise: nil)
        }
    }
}

extension EventLoopFuture where Value: Sendable {
    fileprivate func asResult() async -> Result<Value, any Error> {
        do {
            return .success(try await get())
        } catch {
            return .failure(error)
        }
    }
}
