import FaxModel
import Testing

@Suite struct FaxStateTests {
    private static let outcomes: [AttemptOutcome] =
        [.delivered, .interrupted, .notDialled, .unknown] + FailureCause.allCases.map { .failed($0) }
    private static let events: [FaxEvent] =
        [.renderingStarted, .renderingInterrupted, .rendered, .notFaxable, .attemptIntended, .cancelled, .restoredFromBackup]
        + outcomes.map { .attemptEnded($0) }

    /// The whole state machine, written down a second time; what is not in it changes nothing.
    private static let table: [FaxState: [FaxEvent: FaxState]] = {
        var sending: [FaxEvent: FaxState] = [
            .attemptEnded(.delivered): .delivered, .attemptEnded(.interrupted): .queued, .attemptEnded(.notDialled): .queued,
            .attemptEnded(.unknown): .unknown, .restoredFromBackup: .unknown,
        ]
        for cause in FailureCause.allCases { sending[.attemptEnded(.failed(cause))] = .failed }
        return [
            .accepted: [.renderingStarted: .rendering, .notFaxable: .failed, .cancelled: .cancelled, .restoredFromBackup: .unknown],
            .rendering: [
                .rendered: .queued, .renderingInterrupted: .accepted, .notFaxable: .failed, .cancelled: .cancelled,
                .restoredFromBackup: .unknown,
            ],
            .queued: [.attemptIntended: .sending, .cancelled: .cancelled, .restoredFromBackup: .unknown],
            .sending: sending,
        ]
    }()

    @Test(arguments: FaxState.allCases)
    func `every event in every state does what the table says`(state: FaxState) {
        for event in Self.events {
            #expect(state.applying(event) == Self.table[state]?[event], "\(state) \(event)")
        }
    }

    @Test func `terminal states never change`() {
        #expect(Set(FaxState.allCases.filter(\.isTerminal)) == [.delivered, .failed, .cancelled, .disabled])
        for state in FaxState.allCases where state.isTerminal {
            for event in Self.events { #expect(state.applying(event) == nil) }
        }
    }

    @Test func `only a delivered attempt delivers, and only a lost one or a restored fax is unknown`() {
        for state in FaxState.allCases {
            for event in Self.events {
                let next = state.applying(event)
                #expect((next == .delivered) == (state == .sending && event == .attemptEnded(.delivered)))
                let isOpen = [.accepted, .rendering, .queued, .sending].contains(state)
                #expect(
                    (next == .unknown)
                        == (state == .sending && event == .attemptEnded(.unknown) || isOpen && event == .restoredFromBackup))
                #expect((next == .sending) == (state == .queued && event == .attemptIntended))
            }
        }
    }

    /// What is not known to have failed is never dialled again by itself.
    @Test func `nothing leads out of unknown`() {
        for event in Self.events { #expect(FaxState.unknown.applying(event) == nil) }
    }

    @Test func `an attempt's outcome is the fax's state`() {
        for outcome in Self.outcomes {
            #expect(FaxState.sending.applying(.attemptEnded(outcome)) == outcome.state)
            #expect((outcome.state == .delivered) == (outcome == .delivered))
        }
        #expect(Set(Self.outcomes.map(\.name)) == ["delivered", "failed", "interrupted", "not_dialled", "unknown"])
    }

    @Test(arguments: [
        (FaxState.accepted, "queued"), (.rendering, "queued"), (.queued, "queued"), (.sending, "in_progress"), (.unknown, "in_progress"),
        (.delivered, "SUCCESS"), (.failed, "FAILED"), (.cancelled, "FAILED"), (.disabled, "disabled"),
    ])
    func `clients of the contract see their words`(state: FaxState, word: String) {
        #expect(state.contractStatus == word)
    }

    @Test func `the contract's table has every state`() {
        #expect(FaxState.allCases.count == 9)
        // A client may send a second copy of what it sees FAILED: that must never be an open end.
        #expect(FaxState.allCases.filter { $0.contractStatus == "FAILED" }.allSatisfy { $0.isTerminal })
        #expect(FaxState.allCases.filter { $0.contractStatus == "SUCCESS" } == [.delivered])
    }

    @Test func `failure causes have distinct words and sentences`() {
        #expect(Set(FailureCause.allCases.map(\.rawValue)).count == FailureCause.allCases.count)
        #expect(Set(FailureCause.allCases.map(\.sentence)).count == FailureCause.allCases.count)
    }

    /// One path through the machine, and what must hold at each of its steps.
    private struct Walk {
        var state: FaxState
        var dials = 0
        /// Attempts after which another one is right.
        var interrupted = 0

        mutating func take(_ event: FaxEvent) -> Bool {
            let before = state
            guard let next = state.applying(event) else { return true }
            state = next
            if event == .attemptIntended { dials += 1 }
            if event == .attemptEnded(.interrupted) || event == .attemptEnded(.notDialled) { interrupted += 1 }
            let isDialledOnce = dials <= interrupted + 1
            let isFinal = !before.isTerminal && before != .unknown
            let isTrue = next != .delivered || (event == .attemptEnded(.delivered) && dials > 0)
            let isWithdrawnBeforeCall = next != .cancelled || before != .sending
            return isDialledOnce && isFinal && isTrue && isWithdrawnBeforeCall && next != before
        }
    }

    @Test(arguments: FaxState.allCases)
    func `every sequence of up to 5 events keeps the promises`(start: FaxState) {
        let events: [FaxEvent] = Self.events.filter { event in
            if case .attemptEnded(.failed(let cause)) = event { cause == .busy } else { true }
        }
        var walks = 0
        var broken: [String] = []
        func explore(_ walk: Walk, _ path: [FaxEvent]) {
            walks += 1
            guard path.count < 5 else { return }
            for event in events {
                var next = walk
                // A start in mid-call has dialled already.
                if !next.take(event) { broken.append("\(start) \(path + [event])") }
                explore(next, path + [event])
            }
        }
        explore(Walk(state: start, dials: start == .sending ? 1 : 0), [])
        #expect(broken.isEmpty, "\(broken.prefix(3))")
        #expect(walks == 271_453)
    }
}
