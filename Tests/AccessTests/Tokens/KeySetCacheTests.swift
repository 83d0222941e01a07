import FaxModel
import Synchronization
import Testing

@testable import Access

@Suite struct KeySetCacheTests {
    /// A place where keys are published, which counts who asks.
    private final class Publisher: Sendable {
        struct Down: Error {}

        private struct State {
            var keySet: String?
            var fetches = 0
            var failures: [KeySetFailure] = []
        }

        private let state: Mutex<State>

        init(_ keySet: String?) {
            state = Mutex(State(keySet: keySet))
        }

        func publish(_ keySet: String?) { state.withLock { $0.keySet = keySet } }
        func report(_ failure: KeySetFailure) { state.withLock { $0.failures.append(failure) } }
        var fetches: Int { state.withLock { $0.fetches } }
        var failures: [KeySetFailure] { state.withLock { $0.failures } }

        func fetch() throws -> [UInt8] {
            try state.withLock { state in
                state.fetches += 1
                guard let keySet = state.keySet else { throw Down() }
                return Array(keySet.utf8)
            }
        }
    }

    private let issuer = TestIssuer.shared
    /// The tests go through hours: the token is good for two days.
    private let token = TestIssuer.shared.token(["exp": "1765180000"])
    private let renamed = TestIssuer.shared.token(#"{"alg":"ES256","kid":"new"}"#, TestIssuer.claims(["exp": "1765180000"]), .es256)
    private let clock = TestClock(TestIssuer.now)

    private var oldKeys: String { #"{"keys":[\#(issuer.p256Key),"kid":"p256"}]}"# }
    private var newKeys: String { #"{"keys":[\#(issuer.p256Key),"kid":"new"}]}"# }

    private func verifier(_ publisher: Publisher) throws -> BearerTokenVerifier {
        let settings = try BearerTokenSettings(
            issuer: TestIssuer.issuer, audience: TestIssuer.audience, keySetURL: "https://login.example.org/keys")
        return BearerTokenVerifier(
            settings, clock: { [clock] in clock.now }, fetch: { try publisher.fetch() }, report: { publisher.report($0) })
    }

    private func outcome(_ verifier: BearerTokenVerifier, _ token: String) async -> TokenRefusal? {
        do throws(TokenRefusal) {
            _ = try await verifier.verify(token)
            return nil
        } catch {
            return error
        }
    }

    @Test func keysAreFetchedOnceAtFirstNeed() async throws {
        let publisher = Publisher(oldKeys)
        let verifier = try verifier(publisher)
        #expect(publisher.fetches == 0)
        // Nothing is fetched for what is refused anyway.
        for bad in ["", "a.b.c", issuer.token(#"{"alg":"none","kid":"p256"}"#, .es256)] { #expect(await outcome(verifier, bad) != nil) }
        #expect(publisher.fetches == 0)
        for _ in 0..<10 { #expect(await outcome(verifier, token) == nil) }
        #expect(publisher.fetches == 1)
        #expect(await verifier.keySetStatus == KeySetStatus(keys: 1, fetchedAt: clock.now, attemptedAt: clock.now, failure: nil))
    }

    @Test func unknownKeyIsLookedUpAtMostOnceInThirtySeconds() async throws {
        let publisher = Publisher(oldKeys)
        let verifier = try verifier(publisher)
        #expect(await outcome(verifier, token) == nil)
        publisher.publish(newKeys)
        for _ in 0..<100 { #expect(await outcome(verifier, renamed) == .keyUnknown) }
        #expect(publisher.fetches == 1)
        clock.advance(by: .milliseconds(29_999))
        #expect(await outcome(verifier, renamed) == .keyUnknown)
        #expect(publisher.fetches == 1)
        clock.advance(by: .milliseconds(1))
        #expect(await outcome(verifier, renamed) == nil)
        #expect(publisher.fetches == 2)
        // The old key is withdrawn with that.
        #expect(await outcome(verifier, token) == .keyUnknown)
        #expect(publisher.fetches == 2)
    }

    @Test func keysGrowOldInTenMinutes() async throws {
        let publisher = Publisher(oldKeys)
        let verifier = try verifier(publisher)
        #expect(await outcome(verifier, token) == nil)
        publisher.publish(newKeys)
        clock.advance(by: .milliseconds(599_999))
        #expect(await outcome(verifier, token) == nil)
        #expect(publisher.fetches == 1)
        clock.advance(by: .milliseconds(1))
        #expect(await outcome(verifier, token) == .keyUnknown)
        #expect(publisher.fetches == 2)
    }

    @Test func oldKeysServeForADayWhenNoneCome() async throws {
        let publisher = Publisher(oldKeys)
        let verifier = try verifier(publisher)
        #expect(await outcome(verifier, token) == nil)
        let fetchedAt = clock.now
        publisher.publish(nil)
        clock.advance(by: .seconds(600))
        #expect(await outcome(verifier, token) == nil)
        #expect(publisher.fetches == 2)
        #expect(publisher.failures.count == 1)
        let status = await verifier.keySetStatus
        #expect(status.fetchedAt == fetchedAt)
        #expect(status.attemptedAt == clock.now)
        #expect(status.failure == publisher.failures.first)
        // A name that the old keys do not have may be good: it cannot be known.
        #expect(await outcome(verifier, renamed) == .keysUnavailable)
        #expect(publisher.fetches == 2)
        clock.advance(by: .seconds(85_800))
        #expect(await outcome(verifier, token) == nil)
        await verifier.settle()
        #expect(publisher.fetches == 3)
        clock.advance(by: .milliseconds(1))
        #expect(await outcome(verifier, token) == .keysUnavailable)
        #expect(publisher.fetches == 3)
        publisher.publish(oldKeys)
        clock.advance(by: .seconds(30))
        #expect(await outcome(verifier, token) == nil)
        #expect(await verifier.keySetStatus.failure == nil)
        #expect(publisher.fetches == 4)
    }

    @Test func withoutAnyKeysTokensCannotBeChecked() async throws {
        let publisher = Publisher(nil)
        let verifier = try verifier(publisher)
        for _ in 0..<10 { #expect(await outcome(verifier, token) == .keysUnavailable) }
        #expect(publisher.fetches == 1)
        publisher.publish("<html>")
        clock.advance(by: .seconds(30))
        #expect(await outcome(verifier, token) == .keysUnavailable)
        #expect(publisher.failures.count == 2)
        #expect(publisher.failures.last == .notAKeySet)
        publisher.publish(oldKeys)
        clock.advance(by: .seconds(30))
        #expect(await outcome(verifier, token) == nil)
    }

    @Test func clockThatGoesBackFetchesAnew() async throws {
        let publisher = Publisher(oldKeys)
        let verifier = try verifier(publisher)
        #expect(await outcome(verifier, token) == nil)
        clock.advance(by: .seconds(-30))
        #expect(await outcome(verifier, token) == nil)
        #expect(publisher.fetches == 2)
        #expect(await outcome(verifier, token) == nil)
        #expect(publisher.fetches == 2)
    }

    @Test func atMostOneFetchIsUnderWay() async throws {
        let publisher = Publisher(oldKeys)
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let (released, release) = AsyncStream.makeStream(of: Void.self)
        let verifier = try BearerTokenVerifier(
            BearerTokenSettings(issuer: TestIssuer.issuer, audience: TestIssuer.audience, keySetURL: "https://login.example.org/keys"),
            clock: { [clock] in clock.now },
            fetch: {
                start.yield()
                for await _ in released { break }
                return try publisher.fetch()
            }, report: { publisher.report($0) })
        let first = Task { await outcome(verifier, token) }
        for await _ in started { break }
        // Longer than the pause: only that a fetch is under way keeps the others from fetching.
        clock.advance(by: .seconds(60))
        let others = (0..<20).map { number in Task { await outcome(verifier, number.isMultiple(of: 2) ? token : renamed) } }
        for _ in 0..<1000 { await Task.yield() }
        // Who gives up does not take the keys from the others.
        first.cancel()
        start.finish()
        release.finish()
        #expect(await first.value == nil)
        for (number, task) in others.enumerated() {
            #expect(await task.value == (number.isMultiple(of: 2) ? nil : .keyUnknown))
        }
        #expect(publisher.fetches == 1)
    }

    @Test func nobodyWaitsForAnIssuerThatIsDown() async throws {
        let publisher = Publisher(oldKeys)
        let (released, release) = AsyncStream.makeStream(of: Void.self)
        let isDown = Mutex(false)
        let verifier = try BearerTokenVerifier(
            BearerTokenSettings(issuer: TestIssuer.issuer, audience: TestIssuer.audience, keySetURL: "https://login.example.org/keys"),
            clock: { [clock] in clock.now },
            fetch: {
                if isDown.withLock({ $0 }) { for await _ in released {} }
                return try publisher.fetch()
            }, report: { publisher.report($0) })
        #expect(await outcome(verifier, token) == nil)
        publisher.publish(nil)
        clock.advance(by: .seconds(600))
        #expect(await outcome(verifier, token) == nil)
        #expect(publisher.failures.count == 1)
        // The next fetch hangs, and the token is checked all the same.
        isDown.withLock { $0 = true }
        clock.advance(by: .seconds(30))
        #expect(await outcome(verifier, token) == nil)
        #expect(publisher.fetches == 2)
        release.finish()
        await verifier.settle()
        #expect(publisher.fetches == 3)
    }
}
