import HTTPTypes
package import NIOCore
package import NIOHTTPTypes

/// Ends a connection after a response with `Connection: close`; Hummingbird goes by the request's field alone and would read on for as
/// long as an unwelcome client sends.
///
/// Closing at once would make the kernel answer what is still under way with RST, and many clients then lose the response (RFC 9112 9.6).
/// So the outgoing half is closed, what comes in is thrown away for a while, and then the rest is closed.
package final class LingeringClose: ChannelDuplexHandler, RemovableChannelHandler {
    package typealias InboundIn = HTTPRequestPart
    package typealias InboundOut = HTTPRequestPart
    package typealias OutboundIn = HTTPResponsePart
    package typealias OutboundOut = HTTPResponsePart

    private enum State {
        case open
        /// A response that says so is being written.
        case closing
        case lingering
    }

    private let time: TimeAmount
    private var state = State.open
    private var deadline: Scheduled<Void>?

    /// - Parameter time: how long a client may go on to send into the void.
    package init(time: TimeAmount) {
        self.time = time
    }

    package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch (state, unwrapOutboundIn(data)) {
        case (.lingering, _):
            promise?.fail(ChannelError.outputClosed)
        case (.open, .head(let head)) where head.headerFields[.connection]?.lowercased() == "close":
            state = .closing
            context.write(data, promise: promise)
        case (.closing, .end):
            context.writeAndFlush(data, promise: promise)
            linger(context)
        default:
            context.write(data, promise: promise)
        }
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if state != .lingering { context.fireChannelRead(data) }
    }

    package func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        // Whoever is above waits for nothing any more and need not ask for more.
        if state == .lingering { context.read() }
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard state == .lingering else { return context.fireErrorCaught(error) }
        // The request that nobody reads is cut off: that is the client's end of the connection.
        context.close(promise: nil)
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if state == .lingering, event as? ChannelEvent == .inputClosed { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    package func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        context.fireChannelInactive()
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        deadline?.cancel()
    }

    private func linger(_ context: ChannelHandlerContext) {
        state = .lingering
        context.close(mode: .output, promise: nil)
        let channel = context.channel
        deadline = context.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
        context.read()
    }
}

@available(*, unavailable)
extension LingeringClose: Sendable {}
