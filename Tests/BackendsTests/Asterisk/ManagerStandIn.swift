import Backends
import Crypto
import NIOCore
import NIOPosix

/// Asterisk's side of the manager interface, as strict as the real one: nothing before the login, challenge once, digest checked. A test sees
/// the actions one by one and says what comes back.
actor ManagerStandIn {
    static let username = "faxlock"
    static let secret = "9f2b7c41d0e8a635"

    struct Rules: Sendable {
        var banner = "Asterisk Call Manager/9.0.0\r\n"
        var givesChallenge = true
        /// Answers Ping.
        var isAlive = true
        /// Bytes of each write; 0 for all at once.
        var piece = 0
        /// Sent before the response to the login.
        var beforeLogin = ""
    }

    nonisolated let port: Int
    private let server: NIOAsyncChannel<any Channel, Never>
    private var rules: Rules
    private var outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>?
    private var connection: (any Channel)?
    private var actions: [ManagerMessage] = []
    private var waiting: [(name: String, continuation: CheckedContinuation<ManagerMessage, Never>)] = []
    /// Everything that came, as text.
    private(set) var transcript = ""
    private(set) var logins = 0
    private(set) var violations: [String] = []
    /// What CoreShowChannels lists.
    private(set) var channels: Set<String> = []

    /// Runs a stand-in for the length of `body`.
    static func with(_ rules: Rules = Rules(), _ body: (ManagerStandIn) async throws -> Void) async throws {
        // Wrapped when it is its turn: a wrapped channel that nobody takes, since the stand-in ends, would end the process.
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.autoRead, value: false)
            .bind(host: "127.0.0.1", port: 0) { channel in channel.eventLoop.makeSucceededFuture(channel) }
        let standIn = ManagerStandIn(server: server, rules: rules)
        let running = Task { try await standIn.run() }
        do {
            try await body(standIn)
        } catch {
            running.cancel()
            _ = await running.result
            throw error
        }
        running.cancel()
        _ = await running.result
    }

    private init(server: NIOAsyncChannel<any Channel, Never>, rules: Rules) {
        self.server = server
        self.rules = rules
        port = server.channel.localAddress?.port ?? 0
    }

    private func run() async throws {
        try await server.executeThenClose { clients in
            // One after the other: a second connection of the same client is an error of its own.
            for try await client in clients { try? await self.serve(client) }
        }
    }

    private func serve(_ channel: any Channel) async throws {
        connection = channel
        let client = try await channel.eventLoop.submit {
            try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }.get()
        try await channel.setOption(.autoRead, value: true).get()
        try await client.executeThenClose { inbound, outbound in
            self.outbound = outbound
            var parser = ManagerParser()
            _ = parser.append(Array("client\r\n".utf8))
            var challenge: String?
            var isLoggedIn = false
            try await write(rules.banner)
            for try await buffer in inbound {
                transcript += String(buffer: buffer)
                for action in parser.append(buffer.readableBytesView) {
                    let id = action.actionID ?? ""
                    switch action["Action"] {
                    case "Challenge" where rules.givesChallenge:
                        challenge = "84041527\(logins)"
                        try await respond(id, "Success", "Challenge: \(challenge ?? "")")
                    case "Challenge":
                        try await respond(id, "Error", "Message: Must specify AuthType")
                    case "Login":
                        try await write(rules.beforeLogin)
                        let digest = Insecure.MD5.hash(data: Array(((challenge ?? "") + Self.secret).utf8))
                        let key = digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
                        challenge = nil
                        guard action["Username"] == Self.username, action["AuthType"] == "MD5", action["Key"] == key else {
                            try await respond(id, "Error", "Message: Authentication failed")
                            return
                        }
                        isLoggedIn = true
                        logins += 1
                        try await respond(id, "Success", "Message: Authentication accepted")
                    case let name where !isLoggedIn:
                        violations.append("\(name ?? "nothing") before the login")
                        try await respond(id, "Error", "Message: Permission denied")
                    case "Ping":
                        if rules.isAlive { try await respond(id, "Success", "Ping: Pong") }
                        took(action)
                    case "CoreShowChannels":
                        try await respond(id, "Success", "EventList: start")
                        for channel in channels.sorted() {
                            try await write("Event: CoreShowChannel\r\nActionID: \(id)\r\nUniqueid: \(channel)\r\n\r\n")
                        }
                        try await write("Event: CoreShowChannelsComplete\r\nActionID: \(id)\r\nEventList: Complete\r\n\r\n")
                    case "Hangup":
                        try await respond(id, "Success", "Message: Channel Hungup")
                        took(action)
                    default:
                        took(action)
                    }
                }
            }
        }
    }

    private func took(_ action: ManagerMessage) {
        if let index = waiting.firstIndex(where: { $0.name == action["Action"] }) {
            waiting.remove(at: index).continuation.resume(returning: action)
        } else {
            actions.append(action)
        }
    }

    /// The next action of this name; waits for it.
    func next(_ name: String) async -> ManagerMessage {
        if let index = actions.firstIndex(where: { $0["Action"] == name }) { return actions.remove(at: index) }
        return await withCheckedContinuation { waiting.append((name, $0)) }
    }

    /// How often `text` was received.
    func count(of text: String) -> Int { transcript.components(of: text) }

    func respond(_ id: String, _ response: String, _ more: String) async throws {
        try await write("Response: \(response)\r\nActionID: \(id)\r\n\(more)\r\n\r\n")
    }

    /// Sends an event: the name, then lines.
    func event(_ name: String, _ lines: String...) async throws {
        try await write((["Event: \(name)"] + lines + ["", ""]).joined(separator: "\r\n"))
    }

    func write(_ text: String) async throws {
        guard let outbound, !text.isEmpty else { return }
        let bytes = Array(text.utf8)
        let size = rules.piece > 0 ? rules.piece : bytes.count
        for start in stride(from: 0, to: bytes.count, by: size) {
            try await outbound.write(ByteBuffer(bytes: bytes[start..<min(start + size, bytes.count)]))
        }
    }

    func have(_ channels: Set<String>) { self.channels = channels }

    func setAlive(_ isAlive: Bool) { rules.isAlive = isAlive }

    /// The connection breaks.
    func drop() { connection?.close(promise: nil) }
}

extension String {
    fileprivate func components(of text: String) -> Int {
        var count = 0
        var rest = self[...]
        while let range = rest.firstRange(of: text) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}
