import Gateway
import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import Testing

/// How long a refused client is listened to.
@Suite struct LingeringCloseTests {
    /// Does for the embedded channel, which knows only whole closes, what a socket does with the outgoing half.
    private final class OutgoingHalf: ChannelOutboundHandler {
        typealias OutboundIn = HTTPResponsePart
        private(set) var isClosed = false

        func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
            guard mode == .output else { return context.close(mode: mode, promise: promise) }
            isClosed = true
            promise?.succeed()
        }
    }

    private func isHalfClosed(_ channel: EmbeddedChannel) throws -> Bool {
        try channel.pipeline.syncOperations.handler(type: OutgoingHalf.self).isClosed
    }

    /// A connection on which the head of a request was read. An embedded channel stays on the thread that made it.
    private func connect() throws -> EmbeddedChannel {
        let channel = EmbeddedChannel(handlers: [OutgoingHalf(), LingeringClose(time: .seconds(10))])
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        try channel.writeInbound(HTTPRequestPart.head(HTTPRequest(method: .post, scheme: "http", authority: "localhost", path: "/fax")))
        #expect(try channel.readInbound(as: HTTPRequestPart.self) != nil)
        return channel
    }

    private func answer(_ fields: HTTPFields, _ channel: EmbeddedChannel) throws {
        try channel.writeOutbound(HTTPResponsePart.head(HTTPResponse(status: .unauthorized, headerFields: fields)))
        try channel.writeOutbound(HTTPResponsePart.end(nil))
        #expect(try channel.readOutbound(as: HTTPResponsePart.self) != nil)
        #expect(try channel.readOutbound(as: HTTPResponsePart.self) == .end(nil))
    }

    private func sendOn(_ channel: EmbeddedChannel) throws -> HTTPRequestPart? {
        try channel.writeInbound(HTTPRequestPart.body(ByteBuffer(string: "---")))
        return try channel.readInbound()
    }

    @Test(arguments: ["close", "Close"]) func whatComesAfterARefusalIsThrownAwayAndThenTheConnectionEnds(word: String) throws {
        let channel = try connect()
        #expect(try sendOn(channel) != nil)
        #expect(try !isHalfClosed(channel))
        try answer([.connection: word], channel)
        #expect(try isHalfClosed(channel))
        #expect(try sendOn(channel) == nil)
        #expect(throws: ChannelError.outputClosed) { try channel.writeOutbound(HTTPResponsePart.head(HTTPResponse(status: .ok))) }
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(9999))
        #expect(try sendOn(channel) == nil)
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
        #expect(!channel.isActive)
    }

    @Test func otherAnswersLeaveItOpen() throws {
        for fields in [[:], [.connection: "keep-alive"]] as [HTTPFields] {
            let channel = try connect()
            try answer(fields, channel)
            #expect(try sendOn(channel) != nil)
            channel.embeddedEventLoop.advanceTime(by: .hours(1))
            #expect(try !isHalfClosed(channel))
            #expect(channel.isActive)
        }
    }

    @Test func theClientsEndIsTheEnd() throws {
        let channel = try connect()
        try answer([.connection: "close"], channel)
        channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        channel.embeddedEventLoop.run()
        #expect(!channel.isActive)
    }

    @Test func anErrorInWhatNobodyReadsIsTheEnd() throws {
        let channel = try connect()
        try answer([.connection: "close"], channel)
        channel.pipeline.fireErrorCaught(ChannelError.inputClosed)
        channel.embeddedEventLoop.run()
        #expect(!channel.isActive)
        try channel.throwIfErrorCaught()
    }
}
