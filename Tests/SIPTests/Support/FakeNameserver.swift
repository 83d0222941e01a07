import NIOCore
import NIOPosix
import Synchronization

/// A nameserver on loopback, UDP and TCP, that says what a test wants.
final class FakeNameserver: Sendable {
    /// How it treats a query.
    enum Manner: Sendable {
        case answer
        /// It does not answer.
        case silent
        /// Over UDP it answers that the answer does not fit.
        case truncate
        /// Forged answers come before the true one.
        case withForgeries
        /// It has an error.
        case fail
    }

    private struct State {
        var zone: [String: [[UInt8]]] = [:]
        var manner = Manner.answer
        var queries: [String] = []
    }

    private let state = Mutex(State())
    private let channels = Mutex<[any Channel]>([])
    let address: SocketAddress

    init() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        var bound: (any Channel)?
        let box = ReplyBox()
        for _ in 0..<16 where bound == nil {
            let udp = try await DatagramBootstrap(group: group)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(DatagramServer(box)) }
                }
                .bind(host: "127.0.0.1", port: 0).get()
            let tcp = try? await ServerBootstrap(group: group)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(StreamServer(box)) }
                }
                .bind(host: "127.0.0.1", port: udp.localAddress?.port ?? 0).get()
            if let tcp {
                bound = udp
                channels.withLock { $0 = [udp, tcp] }
            } else {
                try await udp.close()
            }
        }
        guard let address = bound?.localAddress else { throw Unexpected() }
        self.address = address
        box.set { [weak self] query, isStream in self?.replies(to: query, isStream: isStream) ?? [] }
    }

    /// What was asked, as `name type`.
    var queries: [String] { state.withLock(\.queries) }

    func set(_ manner: Manner) { state.withLock { $0.manner = manner } }

    func close() async { for channel in channels.withLock({ $0 }) { try? await channel.close().get() } }

    // MARK: Records

    func add(_ name: String, _ type: Int, seconds: Int = 60, _ data: [UInt8]) {
        let record =
            DNSBytes.name(name) + DNSBytes.word(type) + DNSBytes.word(1) + DNSBytes.word(seconds >> 16)
            + DNSBytes.word(seconds & 0xFFFF) + DNSBytes.word(data.count) + data
        state.withLock { $0.zone["\(name) \(type)", default: []].append(record) }
    }

    func addAddress(_ name: String, _ address: [UInt8] = [127, 0, 0, 1], seconds: Int = 60) {
        add(name, 1, seconds: seconds, address)
    }

    func addService(_ name: String, priority: Int = 10, weight: Int = 0, port: Int, target: String) {
        add(
            name, 33,
            DNSBytes.word(priority) + DNSBytes.word(weight) + DNSBytes.word(port) + DNSBytes.name(target))
    }

    func addPointer(_ name: String, order: Int, preference: Int = 10, flags: String = "s", service: String, to target: String) {
        add(
            name, 35,
            DNSBytes.word(order) + DNSBytes.word(preference) + DNSBytes.text(flags) + DNSBytes.text(service) + [0]
                + DNSBytes.name(target))
    }

    private func replies(to query: [UInt8], isStream: Bool) -> [[UInt8]] {
        guard query.count > 16 else { return [] }
        var name = ""
        var place = 12
        while place < query.count, query[place] > 0, place + Int(query[place]) < query.count {
            let end = place + Int(query[place])
            name += (name.isEmpty ? "" : ".") + String(decoding: query[(place + 1)...end], as: UTF8.self)
            place = end + 1
        }
        let key = "\(name) \(Int(query[query.count - 4]) << 8 | Int(query[query.count - 3]))"
        return state.withLock { state in
            state.queries.append(key + (isStream ? " tcp" : ""))
            let records = state.zone[key] ?? []
            let isKnown = state.zone.keys.contains { $0.hasPrefix(name + " ") }
            func reply(_ records: [[UInt8]], flags: [UInt8]? = nil, id: UInt8? = nil) -> [UInt8] {
                [id ?? query[0], query[1]] + (flags ?? [0x81, isKnown ? 0x80 : 0x83]) + [0, 1] + DNSBytes.word(records.count)
                    + [0, 0, 0, 0] + query[12...] + records.joined()
            }
            switch state.manner {
            case .silent: return []
            case .fail: return [reply([], flags: [0x81, 0x82])]
            case .truncate where !isStream: return [reply([], flags: [0x83, 0x80])]
            case .withForgeries: return [[], [1, 2, 3], reply([], id: ~query[0]), query, reply(records)]
            case .answer, .truncate: return [reply(records)]
            }
        }
    }
}

/// Parts of DNS messages.
enum DNSBytes {
    static func word(_ value: Int) -> [UInt8] { [UInt8(value >> 8 & 255), UInt8(value & 255)] }

    static func text(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + text.utf8 }

    static func name(_ name: String) -> [UInt8] {
        name.utf8.split(separator: UInt8(ascii: ".")).flatMap { [UInt8($0.count)] + $0 } + [0]
    }
}

private final class ReplyBox: Sendable {
    private let reply = Mutex<(@Sendable ([UInt8], Bool) -> [[UInt8]])?>(nil)

    func set(_ reply: @escaping @Sendable ([UInt8], Bool) -> [[UInt8]]) { self.reply.withLock { $0 = reply } }

    func replies(to query: [UInt8], isStream: Bool) -> [[UInt8]] { reply.withLock { $0 }?(query, isStream) ?? [] }
}

private final class DatagramServer: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>

    private let box: ReplyBox

    init(_ box: ReplyBox) { self.box = box }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let query = unwrapInboundIn(data)
        for reply in box.replies(to: Array(query.data.readableBytesView), isStream: false) {
            let envelope = AddressedEnvelope(remoteAddress: query.remoteAddress, data: ByteBuffer(bytes: reply))
            context.writeAndFlush(wrapOutboundOut(envelope), promise: nil)
        }
    }
}

private final class StreamServer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let box: ReplyBox

    init(_ box: ReplyBox) { self.box = box }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        for reply in box.replies(to: Array(unwrapInboundIn(data).readableBytesView.dropFirst(2)), isStream: true) {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: DNSBytes.word(reply.count) + reply)), promise: nil)
        }
    }
}
