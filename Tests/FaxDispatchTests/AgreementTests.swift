import Backends
import FaxModel
import Ledger
import Store
import Synchronization
import Testing

@testable import FaxDispatch

/// No fax goes to a provider without an agreement in force (45 CFR 164.308(b)(1)).
@Suite(.timeLimit(.minutes(10))) struct AgreementTests {
    private static func sign(_ house: TestHouse, _ provider: String) async throws {
        _ = try await house.store.recordAssociate(
            provider, agreedOn: house.clock.now, expiresOn: nil, note: "", by: .system)
    }

    private static func events(_ house: TestHouse) async throws -> Int {
        try await house.store.ledgerEntries(from: 0, limit: 1000)
            .filter { String(decoding: $0.leaf, as: UTF8.self).contains("associate.missing") }.count
    }

    @Test func `the fax stays queued until there is an agreement`() async throws {
        try await TestHouse.with { house in
            let id = try await house.queue(1)
            let left = Signal()
            let backend = ScriptedBackend(associate: "phaxio") { call, report in
                let result = await ScriptedBackend.deliver(call, report)
                left.send()
                return result
            }
            // Preferred is a line of one's own: what counts is by which way this call goes.
            let rule = AgreementRule(store: house.store, associate: nil, clock: house.clock.function)
            // It was tried, and is tried again after the pause, for which the test waits.
            let (held, retry) = (Signal(), Signal())
            let dispatcher = try house.dispatcher(backend, agreement: rule) {
                held.send()
                await retry.wait()
            }
            let running = Task { await dispatcher.run() }
            await held.wait()
            #expect(backend.requests.isEmpty)
            let waiting = try await house.fax(id)
            #expect(waiting.state == .queued && waiting.attempts.isEmpty)
            #expect(try await Self.events(house) == 1)
            // Another provider's does not count.
            try await Self.sign(house, "sinch")
            retry.send()
            await held.wait()
            #expect(backend.requests.isEmpty)
            try await Self.sign(house, "phaxio")
            // The second pause is twice as long.
            for _ in 0..<2 { retry.send() }
            await left.wait()
            await dispatcher.stop()
            await running.value
            #expect(try await house.fax(id).state == .delivered)
            #expect(backend.requests.count == 1)
        }
    }

    @Test func `one event an hour`() async throws {
        try await TestHouse.with { house in
            let rule = AgreementRule(store: house.store, associate: "phaxio", clock: house.clock.function)
            for (seconds, events) in [(0, 1), (1, 1), (3598, 1), (1, 2), (10, 2)] {
                house.clock.advance(by: .seconds(seconds))
                await #expect(throws: AgreementRule.Missing.self) { try await rule.require() }
                #expect(try await Self.events(house) == events)
            }
            try await Self.sign(house, "phaxio")
            try await rule.require()
        }
    }

    @Test func `the own line needs none`() async throws {
        try await TestHouse.with { house in
            try await AgreementRule(store: house.store, associate: nil, clock: house.clock.function).require()
            #expect(try await Self.events(house) == 0)
        }
    }

    @Test func `each way out needs its own`() async throws {
        try await TestHouse.with { house in
            let rule = AgreementRule(store: house.store, associate: nil, clock: house.clock.function)
            func backend(_ associate: String?) -> ScriptedBackend {
                ScriptedBackend(associate: associate) { await ScriptedBackend.deliver($0, $1) }
            }
            try await rule.require(by: backend(nil))
            try await Self.sign(house, "phaxio")
            try await rule.require(by: backend("phaxio"))
            for _ in 1...2 { await #expect(throws: AgreementRule.Missing.self) { try await rule.require(by: backend("sinch")) } }
            #expect(try await Self.events(house) == 1)
        }
    }

    @Test func `nothing is taken in`() async throws {
        try await TestHouse.with { house in
            let rule = AgreementRule(store: house.store, associate: "phaxio", clock: house.clock.function)
            func intake(isDisabled: Bool) -> Intake {
                Intake(
                    documents: house.documents, backend: "phaxio", isDisabled: isDisabled, agreement: rule, clock: house.clock.function,
                    wake: {})
            }
            await #expect(throws: AgreementRule.Missing.self) { try await intake(isDisabled: false).requireAgreement() }
            // What is kept unsent goes to nobody.
            try await intake(isDisabled: true).requireAgreement()
            try await Self.sign(house, "phaxio")
            try await intake(isDisabled: false).requireAgreement()
        }
    }
}
