import Crypto
package import Logging
package import NIOCore
import NIOPosix
import NIOSSL

/// The one connection to an Asterisk: logs in, keeps itself alive, comes back when it broke, and tells apart what belongs to which call.
package actor ManagerClient {
    package struct Configuration: Sendable {
        package var host: String
        package var port: Int
        package var username: String
        package var secret: String
        /// Nil for a connection in the clear, over which the secret is never sent.
        package var tls: ManagerTLS?
        /// Between two signs of life.
        package var pingInterval: Duration = .seconds(15)
        /// How long a connection may take to be made, and an action to be answered.
        package var responseTime: Duration = .seconds(10)
        /// Wait before the second connection; twice as long each time, up to ``longestWait``, and more or less by half at random.
        package var firstWait: Duration = .seconds(1)
        package var longestWait: Duration = .seconds(30)

        package init(host: String, port: Int, username: String, secret: String, tls: ManagerTLS?) {
            self.host = host
            self.port = port
            self.username = username
            self.secret = secret
            self.tls = tls
        }
    }

    /// What a follower of a call is told.
    package enum News: Sendable, Equatable {
        case message(ManagerMessage)
        /// The connection broke: events are missed from here on.
        case lost
        /// It is back.
        case back
    }

    /// Events that say something about a call, or belong to a list of calls.
    private static let followed: Set<String> = [
        "OriginateResponse", "Newchannel", "Newstate", "Hangup", "UserEvent", "CoreShowChannel", "CoreShowChannelsComplete",
    ]

    private let configuration: Configuration
    private let group: any EventLoopGroup
    private let pause: @Sendable (Duration) async throws -> Void
    private let logger: Logger
    private var outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>?
    private var isLoggedIn = false
    private var pending: [String: CheckedContinuation<ManagerMessage, any Error>] = [:]
    private var followers: [String: AsyncStream<News>.Continuation] = [:]
    private var waiting: [Int: CheckedContinuation<Bool, Never>] = [:]
    private var lastID = 0
    private var lastFailure: ManagerFailure?

    /// - Parameter pause: waits; tests have their own clock.
    package init(
        configuration: Configuration, group: any EventLoopGroup, logger: Logger,
        pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.configuration = configuration
        self.group = group
        self.logger = logger
        self.pause = pause
    }

    /// Whether calls can be made now.
    package var isUp: Bool { isLoggedIn }

    /// Why it is not, once that is known.
    package var failure: ManagerFailure? { isLoggedIn ? nil : lastFailure }

    /// Waits for the connection.
    /// - Returns: whether it is there, within `time`.
    package func isUp(within time: Duration) async -> Bool {
        guard !isLoggedIn else { return true }
        lastID += 1
        let id = lastID
        let timer = Task { [pause] in
            try await pause(time)
            self.endWait(id, isUp: false)
        }
        defer { timer.cancel() }
        return await withCheckedContinuation { waiting[id] = $0 }
    }

    private func endWait(_ id: Int, isUp: Bool) {
        waiting.removeValue(forKey: id)?.resume(returning: isUp)
    }

    /// Sends an action and waits for its response.
    /// - Parameter id: the `ActionID`, by which later events name the action; nil for any.
    /// - Throws: ``ManagerFailure``: only after ``ManagerFailure/notConnected`` it is certain that nothing was done.
    package func perform(_ action: ManagerAction, id: String? = nil) async throws -> ManagerMessage {
        guard isLoggedIn else { throw ManagerFailure.notConnected }
        return try await exchange(action, id: id)
    }

    private func exchange(_ action: ManagerAction, id: String? = nil) async throws -> ManagerMessage {
        guard let outbound else { throw ManagerFailure.notConnected }
        lastID += 1
        let id = id ?? "faxlock-\(lastID)"
        let timer = Task { [pause, responseTime = configuration.responseTime] in
            try await pause(responseTime)
            self.fail(id, .timedOut)
        }
        defer { timer.cancel() }
        return try await withCheckedThrowingContinuation { continuation in
            pending[id] = continuation
            Task {
                do {
                    try await outbound.write(ByteBuffer(bytes: action.encoded(id: id)))
                } catch {
                    self.fail(id, .disconnected)
                }
            }
        }
    }

    private func fail(_ id: String, _ failure: ManagerFailure) {
        pending.removeValue(forKey: id)?.resume(throwing: failure)
    }

    /// The news of a channel (by its `Uniqueid`) or action, until ``unfollow(_:)``.
    package func follow(_ id: String) -> AsyncStream<News> {
        let (stream, continuation) = AsyncStream.makeStream(of: News.self, bufferingPolicy: .bufferingOldest(4096))
        followers[id] = continuation
        return stream
    }

    package func unfollow(_ id: String) {
        followers.removeValue(forKey: id)?.finish()
    }

    /// The `Uniqueid`s of all channels that Asterisk has now.
    /// - Throws: ``ManagerFailure``.
    package func channels() async throws -> Set<String> {
        lastID += 1
        let id = "faxlock-\(lastID)"
        let news = follow(id)
        defer { unfollow(id) }
        let response = try await perform(ManagerAction("CoreShowChannels"), id: id)
        guard response.isSuccess else { throw ManagerFailure.disconnected }
        let timer = Task { [pause, responseTime = configuration.responseTime] in
            try await pause(responseTime)
            self.unfollow(id)
        }
        defer { timer.cancel() }
        var found: Set<String> = []
        for await case .message(let message) in news {
            if message.event == "CoreShowChannelsComplete" { return found }
            if let channel = message["Uniqueid"] { found.insert(channel) }
        }
        throw ManagerFailure.timedOut
    }

    // MARK: The connection

    /// Holds the connection until the task is cancelled.
    package func run() async {
        var failures = 0
        while !Task.isCancelled {
            do {
                try await connect()
            } catch {
                let failure = error as? ManagerFailure ?? .disconnected
                if !Task.isCancelled, failure != lastFailure { logger.error("Asterisk is not there", metadata: ["error": "\(failure)"]) }
                lastFailure = failure
            }
            if disconnected() { failures = 0 }
            var wait = configuration.firstWait
            for _ in 0..<min(failures, 16) where wait < configuration.longestWait { wait *= 2 }
            failures += 1
            try? await pause(min(wait, configuration.longestWait) * Double.random(in: 0.5...1.5))
        }
        for id in waiting.keys { endWait(id, isUp: false) }
    }

    /// One connection, from its first byte to its last.
    private func connect() async throws {
        let channel = try await open()
        try await channel.executeThenClose { inbound, outbound in
            self.outbound = outbound
            let reader = Task { try await self.read(inbound) }
            defer { reader.cancel() }
            try await withTaskCancellationHandler {
                try await self.live(reader)
            } onCancel: {
                reader.cancel()
            }
        }
    }

    /// Logs in, then sends a sign of life now and then, until the reader is done or an answer fails to come.
    private func live(_ reader: Task<Void, any Error>) async throws {
        let heart = Task {
            defer { reader.cancel() }
            try await self.logIn()
            while true {
                try await self.pause(self.configuration.pingInterval)
                _ = try await self.exchange(ManagerAction("Ping"))
            }
        }
        defer { heart.cancel() }
        let end = await reader.result
        // The heart's reason goes before the reader's, which it may have stopped.
        heart.cancel()
        drop()
        if case .failure(let error) = await heart.result, let failure = error as? ManagerFailure, failure != .disconnected { throw failure }
        do {
            try end.get()
        } catch let failure as ManagerFailure {
            throw failure
        } catch {
            guard configuration.tls != nil, !isLoggedIn else { throw ManagerFailure.disconnected }
            // The handshake: a certificate of another authority, or for another name.
            throw ManagerFailure.tls("\(error)")
        }
        throw ManagerFailure.disconnected
    }

    private func read(_ inbound: NIOAsyncChannelInboundStream<ByteBuffer>) async throws {
        var parser = ManagerParser()
        for try await buffer in inbound {
            for message in parser.append(buffer.readableBytesView) { take(message) }
            if let banner = parser.banner, !banner.hasPrefix("Asterisk Call Manager/") { throw ManagerFailure.notAsterisk }
        }
    }

    private func logIn() async throws {
        var challenge = ManagerAction("Challenge")
        try challenge.add("AuthType", "MD5")
        let answer = try await exchange(challenge)
        var login = ManagerAction("Login")
        try login.add("Username", configuration.username)
        if answer.isSuccess, let text = answer["Challenge"] {
            try login.add("AuthType", "MD5")
            let digest = Insecure.MD5.hash(data: Array((text + configuration.secret).utf8))
            try login.add("Key", Self.hexadecimal(digest))
        } else {
            guard configuration.tls != nil else { throw ManagerFailure.challengeRefused }
            try login.add("Secret", configuration.secret)
        }
        guard try await exchange(login).isSuccess else { throw ManagerFailure.loginRefused }
        isLoggedIn = true
        lastFailure = nil
        logger.info("connected to Asterisk", metadata: ["tls": "\(configuration.tls != nil)"])
        for id in waiting.keys { endWait(id, isUp: true) }
        for follower in followers.values { follower.yield(.back) }
    }

    private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private func take(_ message: ManagerMessage) {
        guard let event = message.event else {
            if let id = message.actionID { pending.removeValue(forKey: id)?.resume(returning: message) }
            return
        }
        guard Self.followed.contains(event) else { return }
        let names = Set([message["Uniqueid"], message.actionID].compactMap(\.self))
        for name in names { followers[name]?.yield(.message(message)) }
    }

    /// Answers to what was asked on a connection that is over will not come.
    private func drop() {
        outbound = nil
        for id in pending.keys { fail(id, .disconnected) }
    }

    /// - Returns: whether there had been a login.
    private func disconnected() -> Bool {
        drop()
        guard isLoggedIn else { return false }
        isLoggedIn = false
        for follower in followers.values { follower.yield(.lost) }
        return true
    }

    private func open() async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        // Files are read on a thread that may block.
        let context = try await NIOThreadPool.singleton.runIfActive { [tls = configuration.tls] in try tls?.context() }
        let name = configuration.tls?.serverName
        let time = TimeAmount(configuration.responseTime)
        do {
            return try await ClientBootstrap(group: group).connectTimeout(time).connect(
                host: configuration.host, port: configuration.port
            ) { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let context {
                        // A certificate names an address as well as a name, but SNI knows names only.
                        let isAddress = name.map { (try? SocketAddress(ipAddress: $0, port: 0)) != nil } ?? true
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : name))
                    }
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        } catch let error as NIOSSLError {
            throw ManagerFailure.tls("\(error)")
        } catch {
            throw ManagerFailure.unreachable("\(error)")
        }
    }
}
