import FaxModel

/// How one simulated call goes: steps and the waits before them. The last step is its end.
struct CallScript {
    enum Step: Hashable {
        case answered
        case negotiated(bitRate: Int)
        /// The far machine has the page; the report of it may be lost with the call.
        case pageArrived(Int, isReported: Bool)
        case end(AttemptOutcome, retryAfter: Duration?)
    }

    /// What is called, and how.
    struct Call {
        let destination: Destination
        let route: Int
        let mode: CallMode
        let resolution: Resolution
        let expectsStation: Bool
        let firstPage: Int
        let pages: Int
    }

    private(set) var steps: [(wait: Duration, step: Step)] = []

    init(_ call: Call, at now: Timestamp, weather: Weather, using random: inout SeededRandom) {
        plan(call, at: now, weather: weather, using: &random)
    }

    private mutating func plan(_ call: Call, at now: Timestamp, weather: Weather, using random: inout SeededRandom) {
        if random.chance(0.002) { return end(.notDialled, after: .milliseconds(5)) }
        if random.chance(0.001) { return end(.failed(.line), after: .seconds(1)) }
        if weather.isCongested(route: call.route, at: now) || random.chance(0.01) {
            let wish: Duration? = random.chance(0.5) ? .seconds(120) : nil
            return end(.failed(.congestion), after: random.seconds(1...5), retryAfter: wish)
        }
        switch call.destination.kind {
        case .unallocated: return end(.failed(.unallocated), after: random.seconds(1...3))
        case .refusing: return end(.failed(.rejected), after: random.seconds(1...3))
        case .busy where random.chance(0.6): return end(.failed(.busy), after: random.seconds(1...4))
        case .silent: return end(.failed(.noAnswer), after: .seconds(60))
        case .office where !weather.isDay(at: now): return end(.failed(.noAnswer), after: .seconds(60))
        default: break
        }
        if random.chance(0.03) { return end(.failed(.busy), after: .seconds(2)) }
        steps.append((random.seconds(4...20), .answered))
        switch call.destination.kind {
        case .person: return end(.failed(.notFax), after: .seconds(40))
        case .noT38 where call.mode.media == .any:
            return end(.failed(random.chance(0.5) ? .media : .protocolError), after: random.seconds(5...30))
        case .stranger where call.expectsStation: return end(.failed(.stationMismatch), after: .seconds(8))
        case .coarse where call.resolution != .standard: return end(.failed(.incapable), after: .seconds(8))
        default: sendPages(of: call, using: &random)
        }
    }

    private mutating func sendPages(of call: Call, using random: inout SeededRandom) {
        steps.append((.seconds(8), .negotiated(bitRate: call.mode.maximumBitRate)))
        // Slower and plainer modes break off less.
        let rung = CallMode.ladder.firstIndex(of: call.mode) ?? 0
        let breaks = (call.destination.kind == .badLine ? 0.25 : 0.004) / Double(rung + 1)
        for page in call.firstPage..<call.pages {
            let wait = call.destination.kind == .slow ? random.seconds(150...240) : random.seconds(15...50)
            if random.chance(0.0004) {
                // It is never known what came of it: the last page may have arrived.
                if random.chance(0.5) { steps.append((wait, .pageArrived(page, isReported: false))) }
                return end(.unknown, after: .seconds(30))
            }
            if random.chance(breaks) {
                // Sometimes the page arrives and its confirmation does not.
                if random.chance(0.2), page < call.pages - 1 { steps.append((wait, .pageArrived(page, isReported: false))) }
                return end(.failed(.protocolError), after: wait)
            }
            steps.append((wait, .pageArrived(page, isReported: true)))
        }
        // The last confirmation came, and then the call broke off: nobody may say that it failed and send it all again.
        end(random.chance(0.002) ? .failed(.protocolError) : .delivered, after: .seconds(3))
    }

    private mutating func end(_ outcome: AttemptOutcome, after wait: Duration, retryAfter: Duration? = nil) {
        steps.append((wait, .end(outcome, retryAfter: retryAfter)))
    }
}

/// What concerns every call: days, nights, and failures of the network.
struct Weather {
    let start: Timestamp

    /// Hours since the beginning.
    private func hour(_ now: Timestamp) -> Double { Double(now.milliseconds - start.milliseconds) / 3_600_000 }

    /// From 7 to 20 o'clock, by the clock of the town.
    func isDay(at now: Timestamp) -> Bool { (7..<20).contains(hour(now).truncatingRemainder(dividingBy: 24)) }

    /// The preferred route takes no call for an hour and a half of the third day, and both for ten minutes of the sixth.
    func isCongested(route: Int, at now: Timestamp) -> Bool {
        let hour = hour(now)
        return (route == 0 && (58..<59.5).contains(hour)) || (130..<130.17).contains(hour)
    }

    /// For four hours of the second day the preferred route is known to be down.
    func isUp(route: Int, at now: Timestamp) -> Bool { route != 0 || !(36..<40).contains(hour(now)) }
}
