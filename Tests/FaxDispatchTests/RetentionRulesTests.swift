import FaxModel
import Store
import Testing

@testable import FaxDispatch

@Suite struct RetentionRulesTests {
    private let main = Mailbox(id: "main")

    private func rules(days: Int = 0, inbound: Int = 0, onSuccess: Bool = false, zero: Bool = false) -> RetentionRules {
        RetentionRules(retentionDays: days, inboundRetentionDays: inbound, deletesOnSuccess: onSuccess, hasZeroRetention: zero)
    }

    private static let unfinished: [FaxState] = [.accepted, .rendering, .queued, .sending, .unknown]

    @Test(arguments: unfinished) func `what is not finished is kept by every rule`(state: FaxState) {
        for rules in [rules(days: 1), rules(onSuccess: true), rules(days: 1, onSuccess: true, zero: true)] {
            #expect(rules.rule(for: state, in: main) == nil)
        }
    }

    @Test(arguments: RetentionRules.finished) func `0 days are for ever, for the server and for a mailbox`(state: FaxState) {
        #expect(rules().rule(for: state, in: main) == nil)
        #expect(rules(days: 30).rule(for: state, in: Mailbox(id: "a", retentionDays: 0)) == nil)
        #expect(rules(days: 30).rule(for: state, in: main) == .init(age: .seconds(30 * 86_400), cause: .retention))
        #expect(
            rules(days: 30).rule(for: state, in: Mailbox(id: "a", retentionDays: 7)) == .init(age: .seconds(7 * 86_400), cause: .retention))
    }

    @Test func `on success is for what was delivered alone`() {
        #expect(rules(days: 30, onSuccess: true).rule(for: .delivered, in: main) == .init(age: .zero, cause: .onSuccess))
        #expect(rules(days: 30, onSuccess: true).rule(for: .failed, in: main) == .init(age: .seconds(30 * 86_400), cause: .retention))
        #expect(rules(onSuccess: true).rule(for: .delivered, in: Mailbox(id: "a", deletesOnSuccess: false)) == nil)
        #expect(rules().rule(for: .delivered, in: Mailbox(id: "a", deletesOnSuccess: true)) == .init(age: .zero, cause: .onSuccess))
    }

    @Test func `zero retention wins over every mailbox, and gives a day to what was not delivered`() {
        for mailbox in [main, Mailbox(id: "a", retentionDays: 0, deletesOnSuccess: false), Mailbox(id: "b", retentionDays: 900)] {
            #expect(rules(days: 30, zero: true).rule(for: .delivered, in: mailbox) == .init(age: .zero, cause: .zeroRetention))
            for state in [FaxState.failed, .cancelled, .disabled] {
                #expect(rules(days: 30, zero: true).rule(for: state, in: mailbox) == .init(age: .seconds(86_400), cause: .zeroRetention))
            }
        }
        #expect(rules(days: 1, zero: true).rule(for: .failed, in: main) == .init(age: .seconds(86_400), cause: .retention))
    }

    @Test func `received faxes have days of their own`() {
        #expect(rules(days: 30, onSuccess: true, zero: true).ruleForReceived(in: main) == nil)
        #expect(rules(inbound: 10).ruleForReceived(in: main) == .init(age: .seconds(864_000), cause: .retention))
        #expect(rules(inbound: 10).ruleForReceived(in: Mailbox(id: "a", inboundRetentionDays: 0)) == nil)
        #expect(rules().ruleForReceived(in: Mailbox(id: "a", inboundRetentionDays: 1)) == .init(age: .seconds(86_400), cause: .retention))
    }

    @Test func `days beyond all sense neither trap nor shred early`() {
        let rule = rules(days: .max).rule(for: .delivered, in: main)
        #expect(rule.map { $0.age >= .seconds(365_000 * 86_400) } == true)
        #expect(rules(days: .min).rule(for: .delivered, in: main) == nil)
    }
}
