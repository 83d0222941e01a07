import FaxModel
import Testing

@Suite struct FaxStateTests {
    /// The whole state machine, written down a second time; what is not in it changes nothing.
    private static let table: [FaxState: [FaxEvent: FaxState]] = {
        var sending: [FaxEvent: FaxState] = [.restoredFromBackup: .unknown]
        for next in FaxEvent.AfterAttempt.allCases {
            sending[.attemptEnded(.delivered, next)] = .delivered
            sending[.attemptEnded(.unknown, next)] = .unknown
            for cause in FailureCause.allCases {
                sending[.attemptEnded(.failed(cause), next)] =
                    switch next {
                    case .again: .queued
                    case .noMore: .failed
                    case .hold: .held
                    case .cancelled: .cancelled
                    }
            }
        }
        // What follows a call that did not fail is the next test's matter.
        return [
            .accepted: [.renderingStarted: .rendering, .notFaxable: .failed, .cancelled: .cancelled, .restoredFromBackup: .unknown],
            .rendering: [
                .rendered(.line): .queued, .rendered(.time): .scheduled, .rendered(.person): .held, .renderingInterrupted: .accepted,
                .notFaxable: .failed, .cancelled: .cancelled, .restoredFromBackup: .unknown,
            ],
            .scheduled: [.due: .queued, .lapsed: .failed, .held: .held, .cancelled: .cancelled, .restoredFromBackup: .unknown],
            .queued: [
                .attemptIntended: .sending, .rerenderingNeeded: .accepted, .lapsed: .failed, .held: .held, .cancelled: .cancelled,
                .restoredFromBackup: .unknown,
            ],
            .held: [.released: .queued, .cancelled: .cancelled, .restoredFromBackup: .unknown],
            .sending: sending,
            .unknown: [
                .reconciled(.delivered): .delivered, .reconciled(.notDelivered): .queued, .reconciled(.abandoned): .failed,
            ],
        ]
    }()

    @Test(arguments: FaxState.allCases)
    func `every event in every state does what the table says`(state: FaxState) {
        for event in FaxEvent.all where !event.isEndWithoutFailure || state != .sending {
            #expect(state.applying(event) == Self.table[state]?[event], "\(state) \(event)")
        }
        #expect(FaxEvent.all.count == Set(FaxEvent.all).count)
    }

    /// Facts outweigh wishes: what was delivered is not cancelled, and what may have been delivered is not sent again.
    @Test func `a call that delivered or was lost says so, whatever is to follow`() {
        for next in FaxEvent.AfterAttempt.allCases {
            #expect(FaxState.sending.applying(.attemptEnded(.delivered, next)) == .delivered)
            #expect(FaxState.sending.applying(.attemptEnded(.unknown, next)) == .unknown)
        }
        for outcome in [AttemptOutcome.interrupted, .notDialled] {
            #expect(FaxState.sending.applying(.attemptEnded(outcome, .again)) == .queued)
            #expect(FaxState.sending.applying(.attemptEnded(outcome, .cancelled)) == .cancelled)
        }
    }

    @Test func `terminal states never change`() {
        #expect(Set(FaxState.allCases.filter(\.isTerminal)) == [.delivered, .failed, .cancelled, .disabled])
        for state in FaxState.allCases where state.isTerminal {
            for event in FaxEvent.all { #expect(state.applying(event) == nil) }
        }
    }

    @Test func `only a delivered attempt or a finding delivers, and only a lost one or a restored fax is unknown`() {
        for state in FaxState.allCases {
            for event in FaxEvent.all {
                let next = state.applying(event)
                let isDelivery =
                    if case .attemptEnded(.delivered, _) = event { state == .sending } else {
                        state == .unknown && event == .reconciled(.delivered)
                    }
                #expect((next == .delivered) == isDelivery)
                let isLoss =
                    if case .attemptEnded(.unknown, _) = event { state == .sending } else {
                        !state.isTerminal && state != .unknown && event == .restoredFromBackup
                    }
                #expect((next == .unknown) == isLoss)
                #expect((next == .sending) == (state == .queued && event == .attemptIntended))
            }
        }
    }

    @Test(arguments: [
        (FaxState.accepted, "queued"), (.rendering, "queued"), (.scheduled, "queued"), (.queued, "queued"), (.held, "queued"),
        (.sending, "in_progress"), (.unknown, "in_progress"), (.delivered, "SUCCESS"), (.failed, "FAILED"), (.cancelled, "FAILED"),
        (.disabled, "disabled"),
    ])
    func `clients of the contract see their words`(state: FaxState, word: String) {
        #expect(state.contractStatus == word)
    }

    @Test func `the contract's table has every state`() {
        #expect(FaxState.allCases.count == 11)
        // A client may send a second copy of what it sees FAILED: that must never be an open end.
        #expect(FaxState.allCases.filter { $0.contractStatus == "FAILED" }.allSatisfy { $0.isTerminal })
        #expect(FaxState.allCases.filter { $0.contractStatus == "SUCCESS" } == [.delivered])
    }

    @Test(arguments: 1...4, 0...4)
    func `a delivery is every page confirmed, and of a fax with every page confirmed there is no second call`(pages: Int, confirmed: Int) {
        for outcome in AttemptOutcome.all {
            let judged = outcome.judged(confirmed: confirmed, pages: pages)
            switch outcome {
            case .delivered: #expect(judged == (confirmed == pages ? .delivered : .failed(.protocolError)))
            case .failed, .interrupted: #expect(judged == (confirmed >= pages ? .unknown : outcome))
            case .notDialled, .unknown: #expect(judged == outcome)
            }
        }
    }

    @Test func `outcomes, causes and reasons have distinct words and sentences`() {
        #expect(Set(AttemptOutcome.all.map(\.name)) == ["delivered", "failed", "interrupted", "not_dialled", "unknown"])
        #expect(Set(FailureCause.allCases.map(\.rawValue)).count == FailureCause.allCases.count)
        #expect(Set(FailureCause.allCases.map(\.sentence)).count == FailureCause.allCases.count)
        #expect(Set(HoldReason.allCases.map(\.sentence)).count == HoldReason.allCases.count)
    }
}

extension AttemptOutcome {
    static let all: [AttemptOutcome] = [.delivered, .interrupted, .notDialled, .unknown] + FailureCause.allCases.map { .failed($0) }
}

extension FaxEvent {
    /// Every event there is.
    static let all: [FaxEvent] =
        [
            .renderingStarted, .renderingInterrupted, .notFaxable, .due, .attemptIntended, .rerenderingNeeded, .lapsed, .held, .released,
            .cancelled, .restoredFromBackup,
        ] + Wait.allCases.map { .rendered($0) } + Finding.allCases.map { .reconciled($0) }
        + AttemptOutcome.all.flatMap { outcome in AfterAttempt.allCases.map { .attemptEnded(outcome, $0) } }

    var isEndWithoutFailure: Bool {
        switch self {
        case .attemptEnded(.interrupted, _), .attemptEnded(.notDialled, _): true
        default: false
        }
    }
}
