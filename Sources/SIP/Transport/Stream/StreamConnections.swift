import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// The connections of one ``StreamTransport``.
final class StreamConnections: Sendable {
    /// Messages that may wait for a connection to be made.
    private static let maximumPending = 64
    /// Bytes that may wait for a peer to read them.
    static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(low: 262_144, high: 1_048_576)
    /// Numbers are unique among all transports of the process, so that an agent can tell connections by them alone.
    private static let lastNumber = Atomic<UInt64>(0)

    /// Whom a connection of ours leads to.
    private struct Peer: Hashable {
        let address: SocketAddress
        let serverName: String?
    }

    private struct Entry {
        /// Nil until there is a socket.
        var socket: (any Channel)?
        /// The socket when messages can be sent.
        var channel: (any Channel)?
        var pending: [[UInt8]] = []
        /// The peer that we connected to; nil when it connected to us.
        let peer: Peer?
        /// The address of a peer that connected to us.
        let address: String?
        var backlog = StreamBacklog()
        /// It is over, and kept until the agent has read so: who connects again and again must not be able to have more
        /// waiting than who stays.
        var isEnded = false

        /// What is left when the connection is over.
        mutating func end() {
            isEnded = true
            socket = nil
            channel = nil
            pending = []
        }
    }

    private struct Table {
        var entries: [SIPConnectionID: Entry] = [:]
        var byPeer: [Peer: SIPConnectionID] = [:]
        var isClosed = false
    }

    let kind: SIPTransportKind
    let limits: SIPStreamLimits
    let clock: any SIPClock
    let arrivals: AsyncStream<SIPTransportEvent>
    private let output: AsyncStream<SIPTransportEvent>.Continuation
    private let group: any EventLoopGroup
    private let tls: SIPTLSContexts?
    private let source: SocketAddress?
    private let table = Mutex(Table())

    init(
        kind: SIPTransportKind, limits: SIPStreamLimits, clock: any SIPClock, group: any EventLoopGroup, tls: SIPTLSContexts?,
        source: SocketAddress?
    ) {
        self.kind = kind
        self.limits = limits
        self.clock = clock
        self.group = group
        self.tls = tls
        self.source = source
        // Bounded by the number of connections and the backlog of each.
        (arrivals, output) = AsyncStream.makeStream()
    }

    var count: Int { table.withLock { $0.entries.values.count { !$0.isEnded } } }

    private static func makeID() -> SIPConnectionID {
        SIPConnectionID(number: lastNumber.add(1, ordering: .relaxed).newValue)
    }

    // MARK: Ours

    /// See ``SIPTransport/connect(_:)``.
    func connect(_ flow: SIPFlow) -> SIPFlow {
        var flow = flow
        let peer = Peer(address: flow.remote, serverName: flow.serverName)
        enum Outcome { case reuse, dial, refuse }
        let (id, outcome): (SIPConnectionID, Outcome) = table.withLock { table in
            if let id = flow.connection, table.entries[id]?.isEnded == false { return (id, .reuse) }
            if let id = table.byPeer[peer] { return (id, .reuse) }
            let id = Self.makeID()
            guard !table.isClosed, table.entries.values.count(where: { $0.peer != nil }) < limits.maximumOutbound else {
                return (id, .refuse)
            }
            table.entries[id] = Entry(peer: peer, address: nil)
            table.byPeer[peer] = id
            return (id, .dial)
        }
        flow.connection = id
        switch outcome {
        case .reuse: break
        case .dial: dial(id, flow)
        case .refuse: output.yield(.closed(id, wasOpen: false, reason: "too many connections"))
        }
        return flow
    }

    private func dial(_ id: SIPConnectionID, _ flow: SIPFlow) {
        let seconds = limits.connectTimeout.components.seconds
        var bootstrap = ClientBootstrap(group: group)
            .connectTimeout(.seconds(max(1, min(seconds, 60))))
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.writeBufferWaterMark, value: Self.waterMark)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls = self.tls {
                        try pipeline.addHandler(NIOSSLClientHandler(context: tls.client, serverHostname: flow.serverName))
                    }
                    try pipeline.addHandler(StreamHandler(self, id, serverName: flow.serverName, isInbound: false))
                }
            }
        if let source, source.protocol == flow.remote.protocol { bootstrap = bootstrap.bind(to: source) }
        bootstrap.connect(to: flow.remote).whenFailure { error in
            self.ended(id, wasOpen: false, reason: "no connection: \(error)")
        }
    }

    /// See ``SIPTransport/send(_:to:)``.
    func send(_ bytes: [UInt8], to flow: SIPFlow) {
        guard let id = flow.connection else { return }
        let channel: (any Channel)? = table.withLock { table in
            guard var entry = table.entries[id], !entry.isEnded else { return nil }
            if let channel = entry.channel { return channel }
            guard entry.pending.count < Self.maximumPending else { return nil }
            entry.pending.append(bytes)
            table.entries[id] = entry
            return nil
        }
        if let channel { Self.write(bytes, to: channel) }
    }

    private static func write(_ bytes: [UInt8], to channel: any Channel) {
        guard channel.isWritable else { return channel.close(promise: nil) }
        channel.writeAndFlush(channel.allocator.buffer(bytes: bytes), promise: nil)
    }

    // MARK: The peers'

    /// Takes a connection of the listener, or closes it.
    func accept(_ channel: any Channel) -> EventLoopFuture<Void> {
        let id = Self.makeID()
        let address = channel.remoteAddress?.ipAddress ?? ""
        let isTaken = table.withLock { table in
            let inbound = table.entries.values.filter { $0.peer == nil }
            guard !table.isClosed, inbound.count < limits.maximumInbound,
                inbound.count(where: { $0.address == address }) < limits.maximumInboundPerAddress
            else { return false }
            table.entries[id] = Entry(peer: nil, address: address)
            return true
        }
        guard isTaken else { return channel.close() }
        // Should the set-up fail, the handler is not there to tell.
        channel.closeFuture.whenComplete { _ in self.ended(id, wasOpen: false, reason: "closed") }
        return channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            if let server = self.tls?.server { try pipeline.addHandler(NIOSSLServerHandler(context: server)) }
            try pipeline.addHandler(StreamHandler(self, id, serverName: nil, isInbound: true))
        }
    }

    // MARK: What the handlers tell, on the event loop of their channel

    /// A socket is there, which may still have to connect.
    func attached(_ id: SIPConnectionID, _ channel: any Channel) {
        let isWanted = table.withLock { table in
            guard !table.isClosed, table.entries[id]?.isEnded == false else { return false }
            table.entries[id]?.socket = channel
            return true
        }
        if !isWanted { channel.close(promise: nil) }
    }

    /// Messages can be sent now.
    func opened(_ id: SIPConnectionID, _ channel: any Channel) {
        let pending: [[UInt8]]? = table.withLock { table in
            guard !table.isClosed, var entry = table.entries[id], !entry.isEnded else { return nil }
            let pending = entry.pending
            entry.channel = channel
            entry.pending = []
            table.entries[id] = entry
            return pending
        }
        guard let pending else { return channel.close(promise: nil) }
        // What others send from now on waits for the event loop, and so cannot overtake these.
        for bytes in pending { Self.write(bytes, to: channel) }
    }

    /// Hands a message over; false when the agent cannot keep up with this connection.
    func deliver(_ bytes: [UInt8], by flow: SIPFlow) -> Bool {
        guard let id = flow.connection else { return false }
        let isTaken = table.withLock { table in
            guard table.entries[id]?.isEnded == false else { return false }
            return table.entries[id]?.backlog.add(bytes.count) == true
        }
        if isTaken { output.yield(.message(SIPDatagram(bytes: bytes, flow: flow))) }
        return isTaken
    }

    /// See ``SIPTransport/noteRead(_:)``.
    func noteRead(_ event: SIPTransportEvent) {
        table.withLock { table in
            switch event {
            case .message(let datagram):
                guard let id = datagram.flow.connection else { return }
                table.entries[id]?.backlog.remove(datagram.bytes.count)
            case .closed(let id, _, _):
                if table.entries[id]?.isEnded == true { table.entries.removeValue(forKey: id) }
            }
        }
    }

    /// A connection is over; only the first word counts.
    func ended(_ id: SIPConnectionID, wasOpen: Bool, reason: String) {
        let isNews = table.withLock { table in
            guard let entry = table.entries[id], !entry.isEnded else { return false }
            if let peer = entry.peer, table.byPeer[peer] == id { table.byPeer.removeValue(forKey: peer) }
            // Nobody knows of a connection to us that has brought no message.
            guard !table.isClosed, entry.peer != nil || entry.backlog.isUsed else {
                table.entries.removeValue(forKey: id)
                return false
            }
            table.entries[id]?.end()
            return true
        }
        if isNews { output.yield(.closed(id, wasOpen: wasOpen, reason: reason)) }
    }

    /// Closes all connections and ends the arrivals.
    func close() async {
        table.withLock { $0.isClosed = true }
        await closeAll()
        output.finish()
    }

    /// Closes all connections; new ones can be made.
    func closeAll() async {
        let channels: [any Channel] = table.withLock { $0.entries.values.compactMap(\.socket) }
        for channel in channels { channel.close(promise: nil) }
        // The handlers have stopped their timers then.
        for channel in channels { try? await channel.closeFuture.get() }
    }
}
