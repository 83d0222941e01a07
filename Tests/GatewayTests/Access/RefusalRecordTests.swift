import Access
import FaxModel
import Ledger
import Store
import Testing

@testable import Gateway

/// What refusals leave in the ledger, on a clock that stands.
@Suite struct RefusalRecordTests {
    private func stranger(_ address: String) -> Initiator { Initiator(.anonymous, client: "api", address: address) }

    private func count(_ event: TestGateway.Event) -> Int {
        if case .number(let count) = event.details?["count"] { Int(count) } else { 0 }
    }

    @Test func anIPv6NetworkIsOneAddress() async throws {
        try await TestGateway.run { gateway, _ in
            let record = RefusalRecord(store: gateway.store, clock: { gateway.clock.now })
            let logger = gateway.logs.logger()
            for index in 1...200 {
                await record.note(
                    .signInFailed, .unauthorized, by: stranger("2001:db8:1:2::\(String(index, radix: 16))"), object: "access",
                    logger: logger)
            }
            await record.note(.signInFailed, .unauthorized, by: stranger("2001:db8:1:3::1"), object: "access", logger: logger)
            // The first has its own address; the others are of the network.
            #expect(try await gateway.events("sign_in.failed").map(\.actor.address) == ["2001:db8:1:2::1", "2001:db8:1:3::1"])
            #expect(gateway.logs.all.filter { $0.hasPrefix("warning access refused") }.count == 61)
            gateway.clock.advance(by: .seconds(10))
            await record.flush(logger: logger)
            let last = try #require(try await gateway.events("sign_in.failed").last)
            #expect(last.actor.address == "2001:db8:1:2::/64" && last.details?["count"] == 199)
        }
    }

    /// Ten events a second, however many networks there are, and every refusal is in some count.
    @Test func allTogether() async throws {
        try await TestGateway.run { gateway, _ in
            let record = RefusalRecord(store: gateway.store, clock: { gateway.clock.now })
            let logger = gateway.logs.logger()
            for round in 0..<3 {
                for index in 0..<1500 {
                    await record.note(
                        .signInFailed, .unauthorized, by: stranger("10.\(round).\(index / 250).\(index % 250)"), object: "access",
                        logger: logger)
                }
                gateway.clock.advance(by: .seconds(10))
                await record.flush(logger: logger)
            }
            let events = try await gateway.events("sign_in.failed")
            #expect(events.count <= 3 * 102)
            #expect(events.contains { $0.actor.address == "several" })
            var sum = 0
            for event in events { sum += count(event) }
            #expect(sum == 4500)

            // Strangers do not crowd out who is known.
            for index in 0..<200 {
                await record.note(
                    .signInFailed, .unauthorized, by: stranger("10.9.0.\(index)"), object: "access", logger: logger)
            }
            await record.note(
                .scopeDenied, .forbidden, by: Initiator(.key, id: "k1", client: "api", address: "10.9.0.1"), object: "access",
                details: ["needed": "keys:manage"], logger: logger)
            #expect(try await gateway.events("scope.denied").map(\.actor.id) == ["k1"])
        }
    }

    /// Behind one address are many: of each credential and each right there is an event.
    @Test func whoAndWhatForAreToldApart() async throws {
        try await TestGateway.run { gateway, client in
            let (one, two) = (try await gateway.key([.faxRead]), try await gateway.key([.faxRead]))
            let router = gateway.router(keys: gateway.keys)
            for key in [one, one, two] {
                let principal = try #require(gateway.keys.principal(presenting: key.token))
                for needed in ["keys:manage", "audit:read", "keys:manage"] {
                    await router.refusals.note(
                        .scopeDenied, .forbidden, by: Initiator(.key, id: principal.id, client: "api", address: "192.0.2.7"),
                        object: "access", details: ["needed": .text(needed)], logger: gateway.logs.logger())
                }
            }
            func kinds() async throws -> [String] {
                try await gateway.events("scope.denied").map {
                    "\($0.actor.id ?? "") \($0.details?["needed"]?.text ?? "") \(count($0))"
                }
            }
            let first = [one, two].flatMap { ["\($0.id) keys:manage 1", "\($0.id) audit:read 1"] }
            #expect(try await kinds() == first)
            gateway.clock.advance(by: .seconds(10))
            await router.refusals.flush(logger: gateway.logs.logger())
            let later = ["\(one.id) keys:manage 3", "\(one.id) audit:read 1", "\(two.id) keys:manage 1"]
            #expect(try await kinds().dropFirst(4).sorted() == later.sorted())
        }
    }
}
