package import HummingbirdCore
import NIOCore

extension HTTPServerBuilder {
    /// HTTP/1.1 as the gateway speaks it: idle connections are closed after a minute, refused ones a few seconds after the refusal.
    package static var gateway: HTTPServerBuilder {
        .http1(
            configuration: .init(additionalChannelHandlers: [LingeringClose(time: .seconds(10))], idleTimeout: .seconds(60)))
    }
}
