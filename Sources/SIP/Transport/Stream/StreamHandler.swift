import NIOCore
import NIOSSL
import NIOTLS

/// One connection: frames what comes, answers and sends pings, and enforces the deadlines. It lives on its event loop.
final class StreamHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Timer: Hashable {
        /// The connection must be made, or the message that has begun must be complete, or the pong must have come.
        case opening, message, pong
        /// Looks whether anything came since it was set.
        case silence
    }

    private let connections: StreamConnections
    private let id: SIPConnectionID
    private let serverName: String?
    private let isInbound: Bool
    private var framer = SIPStreamFramer()
    private var isOpen = false
    private var isHeard = false
    private var hasPonged = false
    private var reason = "closed by the peer"
    private var timers: [Timer: (serial: UInt64, handle: SIPTimerHandle)] = [:]
    private var lastTimer: UInt64 = 0

    init(_ connections: StreamConnections, _ id: SIPConnectionID, serverName: String?, isInbound: Bool) {
        self.connections = connections
        self.id = id
        self.serverName = serverName
        self.isInbound = isInbound
    }

    // MARK: The connection

    func handlerAdded(context: ChannelHandlerContext) {
        let limits = connections.limits
        connections.attached(id, context.channel)
        set(.opening, after: isInbound ? limits.messageTimeout : limits.connectTimeout, context)
    }

    func handlerRemoved(context: ChannelHandlerContext) { stop() }

    func channelActive(context: ChannelHandlerContext) {
        if connections.kind == .tcp { open(context) }
        context.fireChannelActive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent { open(context) }
        context.fireUserInboundEventTriggered(event)
    }

    private func open(_ context: ChannelHandlerContext) {
        guard !isOpen else { return }
        isOpen = true
        // An inbound connection still owes its first message.
        if !isInbound { cancel(.opening) }
        let interval = isInbound ? connections.limits.idleTimeout : connections.limits.pingInterval
        if interval > .zero { set(.silence, after: interval, context) }
        connections.opened(id, context.channel)
    }

    func channelInactive(context: ChannelHandlerContext) {
        stop()
        connections.ended(id, wasOpen: isOpen, reason: reason)
        context.fireChannelInactive()
    }

    /// A failed handshake, a reset, an end without warning: all end the connection.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close(context, "\(error)")
    }

    private func close(_ context: ChannelHandlerContext, _ reason: String) {
        self.reason = reason
        context.close(promise: nil)
    }

    // MARK: Bytes

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard context.channel.isActive, let remote = context.remoteAddress else { return }
        isHeard = true
        framer.append(unwrapInboundIn(data).readableBytesView)
        let flow = SIPFlow(kind: connections.kind, remote: remote, connection: id, serverName: serverName)
        do throws(SIPStreamFramer.Failure) {
            while let frame = try framer.next() {
                switch frame {
                case .message(let bytes):
                    cancel(.message)
                    if isInbound { cancel(.opening) }
                    guard connections.deliver(bytes, by: flow) else { return close(context, "more messages than can be read") }
                case .ping:
                    write("\r\n", context)
                case .pong:
                    hasPonged = true
                    cancel(.pong)
                }
            }
        } catch {
            return close(context, "the stream cannot be read: \(error)")
        }
        if !framer.isInMessage {
            cancel(.message)
        } else if timers[.message] == nil {
            set(.message, after: connections.limits.messageTimeout, context)
        }
    }

    private func write(_ text: String, _ context: ChannelHandlerContext) {
        guard context.channel.isWritable else { return close(context, "the peer does not read") }
        context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(string: text)), promise: nil)
    }

    // MARK: Timers

    private func set(_ timer: Timer, after delay: Duration, _ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        let loop = context.eventLoop
        cancel(timer)
        lastTimer += 1
        let serial = lastTimer
        let handle = connections.clock.schedule(after: delay) {
            loop.execute { bound.value.handler.fire(timer, serial, bound.value.context) }
        }
        timers[timer] = (serial, handle)
    }

    private func cancel(_ timer: Timer) { timers.removeValue(forKey: timer)?.handle.cancel() }

    private func stop() {
        for timer in timers.values { timer.handle.cancel() }
        timers = [:]
    }

    private func fire(_ timer: Timer, _ serial: UInt64, _ context: ChannelHandlerContext) {
        // Stopped or started anew in the meantime.
        guard timers[timer]?.serial == serial else { return }
        timers.removeValue(forKey: timer)
        guard timer == .silence else { return close(context, "timed out") }
        let limits = connections.limits
        let wasHeard = isHeard
        isHeard = false
        if isInbound {
            guard wasHeard else { return close(context, "idle") }
            set(.silence, after: limits.idleTimeout, context)
        } else {
            set(.silence, after: limits.pingInterval, context)
            if !wasHeard { ping(context) }
        }
    }

    /// Sends a ping. Only a peer that has answered one before is known to do so (RFC 5626 8.1 asks it of those that
    /// speak the extension only), so only its silence is taken for the end.
    private func ping(_ context: ChannelHandlerContext) {
        framer.expectPong()
        if hasPonged { set(.pong, after: connections.limits.pongTimeout, context) }
        write("\r\n\r\n", context)
    }
}
