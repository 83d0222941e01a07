package import Access
import HTTPTypes
package import Hummingbird
import NIOCore
import NIOHTTPTypes

/// What belongs to one request beside the request itself.
package struct GatewayContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// Where the request comes from: the other end of the connection, or whom a trusted proxy names. Nil only where there is no network.
    package internal(set) var address: NetworkAddress?
    private let channel: any Channel

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
        address = (source.channel.remoteAddress?.ipAddress).flatMap { NetworkAddress($0) }
    }

    /// Tells a client that waits with its body to send it (RFC 9110 10.1.1: `Expect: 100-continue`). Called once the request is welcome:
    /// who is refused before has sent nothing of its document. Hummingbird does not answer by itself, and curl then waits a second.
    func inviteBody(of request: Request) async throws {
        guard request.headers[.expect]?.lowercased() == "100-continue" else { return }
        try await channel.writeAndFlush(HTTPResponsePart.head(HTTPResponse(status: .continue)))
    }
}
