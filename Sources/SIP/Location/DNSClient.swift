package import NIOCore
import NIOPosix

/// A stub resolver (RFC 1034 5.3.1): asks nameservers, keeps answers for their time. A query has a socket, and so a port,
/// of its own and a random number, which is what makes forged answers hard (RFC 5452 9.2).
package actor DNSClient {
    /// No nameserver answered.
    package struct Unavailable: Error, Sendable, Equatable {}

    private struct Question: Hashable {
        let name: String
        let kind: DNSRecord.Kind
    }

    /// Answers kept at most.
    private static let maximumEntries = 256
    /// The longest that an answer is kept, seconds; and how long it is kept that there is none.
    private static let maximumSeconds = 3_600
    private static let emptySeconds = 30

    private let configuration: DNSConfiguration
    private let clock: any SIPClock
    private let group: any EventLoopGroup
    private var random: any RandomNumberGenerator & Sendable
    private var cache: [Question: (records: [DNSRecord], expiry: SIPTimerHandle)] = [:]
    private var isClosed = false

    /// Builds a client. The source of randomness must be unpredictable outside of tests.
    package init(
        configuration: DNSConfiguration, clock: any SIPClock, random: any RandomNumberGenerator & Sendable,
        group: any EventLoopGroup
    ) {
        self.configuration = configuration
        self.clock = clock
        self.random = random
        self.group = group
    }

    /// The records of a name and type, aliases followed; empty when there are none.
    /// - Throws: ``Unavailable``.
    package func records(_ name: String, _ kind: DNSRecord.Kind) async throws(Unavailable) -> [DNSRecord.Content] {
        let name = String(decoding: name.utf8.map(\.lowercasedASCII), as: UTF8.self)
        let question = Question(name: name.utf8.last == UInt8(ascii: ".") ? String(name.dropLast()) : name, kind: kind)
        if let kept = cache[question] { return kept.records.map(\.content) }
        guard let message = try await ask(question) else { return [] }
        let records = Self.select(message.answers, question)
        keep(records, for: question)
        return records.map(\.content)
    }

    /// Forgets all answers and stops the timers.
    package func close() {
        isClosed = true
        for entry in cache.values { entry.expiry.cancel() }
        cache = [:]
    }

    /// The records that answer, after up to eight aliases inside the answer. Others in it are nobody's question.
    private static func select(_ answers: [DNSRecord], _ question: Question) -> [DNSRecord] {
        var name = question.name
        for _ in 0...8 {
            let own = answers.filter { $0.name == name }
            let found = own.filter { record in
                switch (record.content, question.kind) {
                case (.address(let address), .a): address.protocol == .inet
                case (.address(let address), .aaaa): address.protocol == .inet6
                case (.service, .srv), (.pointer, .naptr): true
                default: false
                }
            }
            if !found.isEmpty { return found }
            let alias = own.lazy.compactMap { record -> String? in
                if case .alias(let target) = record.content { target } else { nil }
            }.first
            guard let alias else { return [] }
            name = alias
        }
        return []
    }

    private func keep(_ records: [DNSRecord], for question: Question) {
        let seconds = min(records.map(\.seconds).min() ?? Self.emptySeconds, Self.maximumSeconds)
        guard !isClosed, seconds > 0, cache.count < Self.maximumEntries else { return }
        let expiry = clock.schedule(after: .seconds(seconds)) { [weak self] in await self?.forget(question) }
        cache.updateValue((records, expiry), forKey: question)?.expiry.cancel()
    }

    private func makeID() -> UInt16 { random.next() }

    private func forget(_ question: Question) { cache.removeValue(forKey: question) }

    /// Asks one nameserver after the other; nil when they have no such name or cannot say.
    private func ask(_ question: Question) async throws(Unavailable) -> DNSMessage? {
        let configuration = configuration
        let servers = try? await NIOThreadPool.singleton.runIfActive { configuration.readNameservers() }
        var hasAnswer = false
        for _ in 0..<configuration.attempts {
            for server in servers ?? [] {
                let id = makeID()
                guard let query = DNSMessage.query(id: id, name: question.name, kind: question.kind) else { return nil }
                let exchange = DNSExchange(
                    query: query, id: id, server: server, timeout: configuration.timeout, clock: clock, group: group)
                guard let message = await exchange.run(matching: question.name, question.kind) else { continue }
                if message.status == 0 || message.status == 3 { return message }
                // It will not say (SERVFAIL, REFUSED, NOTIMP); another one may.
                hasAnswer = true
            }
            if hasAnswer { return nil }
        }
        throw Unavailable()
    }
}
