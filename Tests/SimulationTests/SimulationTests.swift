import FaxModel
import Testing

@testable import faxlock_simulation

/// A small week of what `make simulate` runs at length.
@Suite struct SimulationTests {
    private func options(_ seed: UInt64, faxes: Int = 300) throws -> Simulation.Options {
        try #require(Simulation.Options(["--faxes", "\(faxes)", "--seed", "\(seed)"]))
    }

    @Test func `300 faxes in a week keep every promise, and a seed says it all`() async throws {
        let first = try await Simulation.run(options(7))
        #expect(first.violations.isEmpty, "\(first)")
        #expect(first.faxes == 300 && first.checks > 5000 && first.withHours > 10)
        #expect(first.count(.delivered) > 150 && first.count(.failed) > 5 && first.count(.cancelled) > 0)
        for kind in [Destination.Kind.unallocated, .refusing, .silent, .person] {
            #expect(first.outcomes[kind]?[.delivered] == nil, "\(first)")
        }
        #expect(try await Simulation.run(options(7)).digest == first.digest)
        let other = try await Simulation.run(options(8, faxes: 100))
        #expect(other.violations.isEmpty && other.digest != first.digest, "\(other)")
    }

    /// A referee that says nothing would be worth nothing.
    @Test func `the referee sees what is wrong`() throws {
        let now = SimulatedWeek.start
        var random = SeededRandom(seed: 1)
        let town = Destination.town(24, using: &random)
        let order = try #require(Order.week(1, from: now, town: town, using: &random).first)
        var fax = WatchedFax(ordinal: 0, order: order, resolution: .fine, dueAt: order.at)
        fax.state = .queued
        let good = order.terms.hours?.next(at: order.terms.sendAt ?? order.at) ?? order.terms.sendAt ?? order.at
        let facts = FaxRecordFacts(notAfter: good.advanced(by: .seconds(3600)), firstPage: 0)
        func broken(_ change: (inout WatchedFax) -> Void = { _ in }, facts: FaxRecordFacts = facts, at moment: Timestamp = good) -> Int {
            var referee = Referee()
            var fax = fax
            change(&fax)
            referee.started(fax, record: facts, route: 0, limit: (1, .seconds(1)), at: moment)
            return referee.violations.count
        }
        #expect(broken() == 0)
        #expect(broken { $0.state = .delivered } == 1)
        #expect(broken { $0.arrived = $0.order.pages } == 1)
        #expect(broken { $0.dials = 50 } == 1)
        #expect(broken { $0.dueAt = good.advanced(by: .seconds(1)) } == 1)
        #expect(broken { $0.isWithdrawn = true } == 1)
        #expect(broken(facts: FaxRecordFacts(notAfter: now, firstPage: 0)) == 1)
        #expect(broken(facts: FaxRecordFacts(notAfter: facts.notAfter, firstPage: 1)) == 1)

        var referee = Referee()
        referee.started(fax, record: facts, route: 0, limit: (1, .seconds(1)), at: good)
        referee.started(fax, record: facts, route: 0, limit: (1, .seconds(1)), at: good)
        // The same number, the same route, and less than a second apart.
        #expect(referee.violations.count == 3)
    }

    @Test func `the queue gives back what happens first, and in the order of planning`() {
        var random = SeededRandom(seed: 3)
        var queue = EventQueue<Int>()
        var planned: [(at: Int64, event: Int)] = []
        for event in 0..<500 {
            let moment = Int64.random(in: 0..<50, using: &random)
            planned.append((moment, event))
            queue.plan(event, at: Timestamp(milliseconds: moment))
        }
        var seen: [Int] = []
        while let next = queue.next() { seen.append(next.event) }
        #expect(seen == planned.sorted { ($0.at, $0.event) < ($1.at, $1.event) }.map(\.event))
        #expect(queue.isEmpty)
    }

    @Test(arguments: [["--faxes", "0"], ["--faxes"], ["--seed", "-1"], ["--week"], ["--faxes", "10", "20"]])
    func `other options are refused`(arguments: [String]) {
        #expect(Simulation.Options(arguments) == nil)
    }
}
