import Glibc
import Testing

/// The Asterisk that all calls of the suite are with.
///
/// Each endpoint has a loopback address of its own too, so that all of them can use the usual ports.
struct AsteriskPeer: Sendable {
    /// What Asterisk calls itself in T.30 when it sends.
    static let station = "+15551230150"
    @TaskLocal private static var current: AsteriskPeer?

    /// One line of its `results`.
    struct Result: CustomStringConvertible {
        enum Direction: String { case sent, received }
        let description: String
        let status: String
        let pages: Int?
        let mode: String
        let document: String

        /// `received +15551230101 SUCCESS 2 14400 T38 error="" name.tif`; without a fax its words are missing.
        init?(_ line: Substring, of direction: Direction, number: String) {
            let words = line.split(separator: " ", omittingEmptySubsequences: false)
            guard words.count >= 8, words[0] == direction.rawValue, words[1] == number else { return nil }
            description = String(line)
            status = String(words[2])
            pages = Int(words[3])
            mode = String(words[5])
            document = String(words[words.count - 1])
        }
    }

    /// A loopback network of this run: another at the same time has another process number.
    private static let network: String = {
        let id = Int(getpid())
        return "127.\(64 + id / 250 % 128).\(1 + id % 250)"
    }()

    let instance: AsteriskInstance
    /// 22 for Asterisk 22.10.1.
    let majorVersion: Int

    var address: String { instance.address }
    var folder: String { instance.folder }

    /// The one that runs for the current test.
    static func running() throws -> AsteriskPeer { try #require(current) }

    /// Runs `body` with an Asterisk that knows all of ``PeerCase``.
    static func with(_ body: () async throws -> Void) async throws {
        try await TemporaryFolder.with { scratch in
            let endpoints = try PeerCase.all.map { try $0.endpoint(in: scratch) } + [AsteriskGateway.endpoint]
            try await AsteriskInstance.with("peer-\(getpid())", address: address(of: 1), endpoints: endpoints) { instance in
                let version = try await instance.ask("core show version")
                let major = version.split(separator: " ").dropFirst().first?.split(separator: ".").first.flatMap { Int($0) }
                let peer = AsteriskPeer(instance: instance, majorVersion: try #require(major, "\(version)"))
                try await $current.withValue(peer) { try await body() }
            }
        }
    }

    /// An address of this run's network.
    static func address(of host: Int) -> String { "\(network).\(host)" }

    /// Has it call `number` by way of an endpoint and send `documents/NUMBER.tif`.
    func send(to number: String, by endpoint: String) async throws {
        _ = try await instance.ask("channel originate PJSIP/\(number)@\(endpoint) extension \(number)@send")
    }

    /// The messages between it and one of our addresses so far.
    func messages(with address: String) throws -> [SIPTraffic.Message] {
        SIPTraffic.messages(in: String(decoding: try TemporaryFolder.read(folder + "/log/full"), as: UTF8.self), with: address)
    }

    /// What became of the fax to or from a number, once it is over.
    func result(of direction: Result.Direction, number: String, within limit: Duration = .seconds(60)) async throws -> Result {
        do {
            return try await eventually("Asterisk is done with \(number)", within: limit, every: .milliseconds(500)) {
                let lines = String(decoding: try TemporaryFolder.read(folder + "/results"), as: UTF8.self).split(separator: "\n")
                return lines.lazy.compactMap { Result($0, of: direction, number: number) }.first
            }
        } catch {
            let log = String(decoding: try TemporaryFolder.read(folder + "/log/full"), as: UTF8.self).split(separator: "\n")
            Issue.record("Asterisk says: \(log.filter { $0.contains(number) }.suffix(12).joined(separator: "\n"))")
            throw error
        }
    }
}

/// Runs an Asterisk around a suite.
struct RunningAsterisk: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await AsteriskPeer.with(function)
    }
}

extension Trait where Self == RunningAsterisk {
    static var asterisk: Self { Self() }
}
