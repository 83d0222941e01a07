import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A server with TLS that loses what comes on its first connection, which it cuts when told to; of later ones it keeps all.
struct ForgetfulServer: Sendable {
    private let log: Log
    private let listener: any Channel

    var port: Int { listener.localAddress?.port ?? 0 }
    /// What came on later connections.
    var received: [UInt8] { log.state.withLock { $0.received } }
    /// Octets that were lost.
    var lost: Int { log.state.withLock { $0.lost } }

    static func with(_ certificates: ThrowawayCertificates, _ body: (ForgetfulServer) async throws -> Void) async throws {
        let chain = try NIOSSLCertificate.fromPEMFile(certificates.server.chain).map { NIOSSLCertificateSource.certificate($0) }
        let key = try NIOSSLPrivateKey(file: certificates.server.key, format: .pem)
        let tls = try NIOSSLContext(configuration: .makeServerConfiguration(certificateChain: chain, privateKey: .privateKey(key)))
        let log = Log()
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let isFirst = log.state.withLock { state in
                        defer { state.first = state.first ?? channel }
                        return state.first == nil
                    }
                    try channel.pipeline.syncOperations.addHandlers(NIOSSLServerHandler(context: tls), Keeper(log, isFirst: isFirst))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            try await body(ForgetfulServer(log: log, listener: listener))
        } catch {
            try await listener.close()
            throw error
        }
        try await listener.close()
    }

    func cutTheFirst() async throws {
        try await log.state.withLock { $0.first }?.close()
    }

    final class Log: Sendable {
        let state = Mutex<(received: [UInt8], lost: Int, first: (any Channel)?)>(([], 0, nil))
    }

    private final class Keeper: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let log: Log
        private let isFirst: Bool

        init(_ log: Log, isFirst: Bool) {
            self.log = log
            self.isFirst = isFirst
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = Array(unwrapInboundIn(data).readableBytesView)
            log.state.withLock {
                if isFirst { $0.lost += bytes.count } else { $0.received += bytes }
            }
        }
    }
}
