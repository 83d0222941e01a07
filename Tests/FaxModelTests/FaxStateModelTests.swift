import FaxModel
import Testing

/// The promises of the state machine, checked over everything that can happen and not over examples.
@Suite struct FaxStateModelTests {
    /// A fax and what must be remembered of its past to judge the next step.
    private struct Walk: Hashable {
        var state: FaxState
        /// A call has ended that delivered or may have: another one may follow only after a finding.
        var isSettled = false
        /// Pages left the house in a call.
        var wasDialled = false

        /// - Returns: nil where the event changes nothing.
        func taking(_ event: FaxEvent) -> Walk? {
            guard let state = state.applying(event) else { return nil }
            var next = self
            next.state = state
            switch event {
            case .attemptIntended: next.wasDialled = true
            case .attemptEnded(.delivered, _), .attemptEnded(.unknown, _), .restoredFromBackup: next.isSettled = true
            case .reconciled(.notDelivered): next.isSettled = false
            default: break
            }
            return next
        }

        /// Which promise the step breaks, if one.
        func broken(by event: FaxEvent, to next: Walk) -> String? {
            if state.isTerminal { return "left a terminal state" }
            if state == .unknown, !event.isFinding { return "left unknown without a finding" }
            if next.state == .sending, isSettled { return "dialled again what may have arrived" }
            if next.state == .delivered, !wasDialled, !event.isFinding { return "delivered without a call" }
            if state == .sending, event == .cancelled || event == .held || event == .lapsed { return "left a call under way" }
            if next.state == state { return "changed to the same state" }
            return nil
        }
    }

    /// Every reachable pair of state and past, so sequences of any length.
    @Test(arguments: FaxState.allCases)
    func `no sequence of events breaks a promise`(start: FaxState) {
        // A start in mid-call has dialled.
        var seen: Set<Walk> = [Walk(state: start, isSettled: start == .unknown, wasDialled: start == .sending)]
        var open = Array(seen)
        while let walk = open.popLast() {
            for event in FaxEvent.all {
                guard let next = walk.taking(event) else { continue }
                #expect(walk.broken(by: event, to: next) == nil, "\(walk) \(event)")
                if seen.insert(next).inserted { open.append(next) }
            }
        }
        if start == .accepted {
            #expect(Set(seen.map(\.state)) == Set(FaxState.allCases).subtracting([.disabled]))
        }
        if start.isTerminal { #expect(seen.count == 1) }
    }

    /// The same without the help of a graph: what is checked is each path itself, replayed from its beginning.
    @Test func `every sequence of up to 6 events from acceptance keeps the promises`() {
        // Causes of failure differ in nothing here; the table's test shows it.
        let events = FaxEvent.all.filter { event in
            if case .attemptEnded(.failed(let cause), _) = event { cause == .busy } else { true }
        }
        var paths = 0
        var broken: [String] = []
        func explore(_ walk: Walk, _ path: [FaxEvent]) {
            paths += 1
            var intents = 0
            var isSettled = false
            for event in path {
                switch event {
                case .attemptIntended:
                    intents += 1
                    if isSettled { broken.append("\(path)") }
                case .attemptEnded(.delivered, _), .attemptEnded(.unknown, _), .restoredFromBackup:
                    isSettled = true
                    intents = 0
                case .reconciled(.notDelivered): isSettled = false
                case .attemptEnded: intents -= 1
                default: break
                }
                if intents > 1 { broken.append("two calls at once: \(path)") }
            }
            guard path.count < 6 else { return }
            // An event that changes nothing makes a path that a shorter one has shown already.
            for event in events {
                guard let next = walk.taking(event) else { continue }
                if let promise = walk.broken(by: event, to: next) { broken.append("\(promise): \(path + [event])") }
                explore(next, path + [event])
            }
        }
        explore(Walk(state: .accepted), [])
        #expect(broken.isEmpty, "\(broken.prefix(3))")
        #expect(paths > 1000)
    }

    @Test func `every open state can reach an end, and unknown only by a finding`() {
        for start in FaxState.allCases {
            var seen: Set<FaxState> = [start]
            var open = [start]
            while let state = open.popLast() {
                for event in FaxEvent.all {
                    if let next = state.applying(event), seen.insert(next).inserted { open.append(next) }
                }
            }
            #expect(seen.contains { $0.isTerminal }, "\(start)")
            #expect(start.isTerminal || seen.isSuperset(of: [.delivered, .failed]), "\(start)")
        }
        for event in FaxEvent.all { #expect((FaxState.unknown.applying(event) != nil) == event.isFinding) }
    }

    /// Reports come late, twice and out of order: after the end they change nothing, whatever they say.
    @Test func `a report that is repeated changes nothing the second time`() {
        for state in FaxState.allCases {
            for event in FaxEvent.all {
                guard let next = state.applying(event), let again = next.applying(event) else { continue }
                #expect(again != next && event == .rerenderingNeeded, "\(state) \(event)")
            }
        }
    }
}

extension FaxEvent {
    fileprivate var isFinding: Bool { if case .reconciled = self { true } else { false } }
}
