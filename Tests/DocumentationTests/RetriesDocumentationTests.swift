import FaxModel
import ServerSettings
import Testing

/// docs/retries.md says what the policy does.
@Suite struct RetriesDocumentationTests {
    /// A fax whose calls all end in the same way.
    private struct History {
        var waits: [Duration] = []
        /// What each call added to the counters.
        var counts: [String] = []
        /// nil: it would go on for ever.
        var calls: Int?
        var end: FaxState?
    }

    private static let outcomes: [(word: String, outcome: AttemptOutcome)] =
        [
            ("delivered", .delivered), ("interrupted", .interrupted), ("not_dialled", .notDialled), ("unknown", .unknown),
        ] + FailureCause.allCases.map { ($0.rawValue, .failed($0)) }

    private static var exact: RetryPolicy {
        var policy = RetryPolicy()
        policy.jitter = 0
        return policy
    }

    private func history(_ outcome: AttemptOutcome) -> History {
        let begin = Timestamp(milliseconds: 1_800_000_000_000)
        var (now, progress, history) = (begin, RetryProgress(), History())
        var random = SystemRandomNumberGenerator()
        // More calls than any limit of the policy allows, but fewer than its time does after the shortest wait.
        for call in 1...100 {
            let decision = Self.exact.decide(
                after: outcome, facts: AttemptFacts(), progress: progress, terms: FaxTerms(),
                notAfter: begin.advanced(by: Self.exact.lifetime), now: now, using: &random)
            let counted = [
                decision.progress.dials > progress.dials ? "a dial" : nil, decision.progress.tries > progress.tries ? "a try" : nil,
            ].compactMap { $0 }
            let count = counted.isEmpty ? "nothing" : counted.joined(separator: " and ")
            if history.counts.last != count { history.counts.append(count) }
            progress = decision.progress
            guard decision.next == .again, let due = decision.dueAt else {
                history.calls = call
                history.end = FaxState.sending.applying(.attemptEnded(outcome, decision.next))
                return history
            }
            history.waits.append(.milliseconds(due.milliseconds - now.milliseconds))
            now = due
        }
        return history
    }

    private func rows(_ heading: String) throws -> [[String]] {
        // Without the table's own heading and its rule.
        Array(try Repository.document("docs/retries.md").tableRows(under: heading).dropFirst(2))
    }

    /// `3 min`, `4.5 min`, `10 s`, `at once`.
    private func duration(_ text: Substring) throws -> Duration {
        if text == "at once" { return .zero }
        let match = try #require(text.wholeMatch(of: /([0-9.]+) (s|min)/), "\(text) is no duration")
        let number = try #require(Double(match.1))
        return .seconds(match.2 == "s" ? number : number * 60)
    }

    private func duration(_ text: String) throws -> Duration { try duration(text[...]) }

    @Test(arguments: outcomes.map(\.word))
    func `the row of an outcome is what the policy makes of it`(word: String) throws {
        let outcome = try #require(Self.outcomes.first { $0.word == word }?.outcome)
        let row = try #require(try rows("## After a call").first { $0[0] == "`\(word)`" }, "there is no row for \(word)")
        let history = history(outcome)
        var waits = row[1] == "none" ? [] : try row[1].split(separator: ", ").map(duration)
        // Of waits that do not differ one is enough.
        if waits.count == 1, history.calls == nil { waits = Array(repeating: waits[0], count: 3) }
        #expect(waits == Array(history.waits.prefix(3)))
        #expect(row[2] == history.counts.joined(separator: ", then "))
        #expect(row[3] == history.calls.map { String($0) } ?? "no limit")
        #expect(row[4] == history.end.map { "`\($0.rawValue)`" } ?? "")
    }

    @Test func `there are no other outcomes`() throws {
        #expect(Set(try rows("## After a call").map { $0[0] }) == Set(Self.outcomes.map { "`\($0.word)`" }))
    }

    @Test func `limits are those of the policy and of the settings`() throws {
        let policy = RetryPolicy()
        func minutes(_ duration: Duration) -> String { "\(duration.components.seconds / 60) min" }
        let ceiling = policy.unansweredCeiling.map { "\($0)" }
        let busyCeiling = policy.busyCeiling.map { "\($0)" }
        let expected = [
            ("\(policy.maximumDials)", "max_dials", "FAXLOCK_MAX_DIALS"), ("\(policy.maximumTries)", "max_tries", "FAXLOCK_MAX_TRIES"),
            ("\(policy.maximumHumans)", "", ""), (minutes(policy.lifetime), "not_after", "FAXLOCK_LIFETIME_MINUTES"),
            ("\(policy.growth)", "", ""), (minutes(policy.longestDelay), "", ""), ("\(Int(policy.jitter * 100)) %", "", ""),
            (ceiling ?? "none", "", "FAXLOCK_UNANSWERED_CALLS"), (busyCeiling ?? "none", "", ""), (minutes(policy.pause), "", ""),
            ("100 %", "", "FAXLOCK_RETRY_PERCENT"),
        ]
        func code(_ name: String) -> String { name.isEmpty ? "" : "`\(name)`" }
        #expect(try rows("## Limits").map { Array($0.dropFirst()) } == expected.map { [$0.0, code($0.1), code($0.2)] })
        for name in expected.map(\.2) where !name.isEmpty {
            let setting = try #require(Settings.table.first { $0.name == name })
            let value = try #require(expected.first { $0.2 == name }?.0.prefix { $0 != " " })
            #expect(setting.defaultText == value, "\(name)")
        }
    }

    @Test func `rungs are those of the ladder`() throws {
        let expected = CallMode.ladder.enumerated().map { index, mode in
            [
                "\(index + 1)", mode.media == .any ? "T.38, else G.711" : "G.711", "\(mode.maximumBitRate)",
                mode.errorCorrection ? "yes" : "no",
            ]
        }
        #expect(try rows("## How slowly") == expected)
    }

    @Test func `priorities are ranks`() throws {
        let expected = Priority.allCases.map { priority in
            ["`\(priority.rawValue)`"] + [0, 1, 9].map { "\(priority.rank(afterFailures: $0))" }
        }
        #expect(try rows("## Whose turn it is") == expected)
        for priority in Priority.allCases { #expect(priority.rank(afterFailures: 50) == priority.rank(afterFailures: 9)) }
    }
}
