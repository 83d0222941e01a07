package import FaxModel

/// What the sandbox plays at a test number, +1 500 555 00nn: nn is the raw value. docs/sandbox.md has the same table.
package enum SandboxScene: Int, Sendable, CaseIterable {
    /// Also at every number of +1 500 555 that is none of the others'.
    case delivered = 1
    case busy = 2
    case noAnswer = 3
    /// Each fax's first call breaks off before any page is confirmed.
    case failsOnce = 4
    /// A call from the first page on breaks off at page 2; the next one brings the rest.
    case dropsPageTwo = 5
    case person = 6
    case unallocated = 7
    /// The fax is transmitted, and nobody says so.
    case neverReports = 8
    case slow = 9
    case standardOnly = 10
    case withoutECM = 11
    /// The first two trainings fail.
    case trainsDown = 12
    /// The machine calls itself otherwise.
    case otherStation = 13
    /// No call gets past page 3.
    case dropsPageThree = 14
    case congestion = 15
    /// No call gets past the first page that it sends.
    case dropsFirstPage = 16

    /// - Returns: nil for a number that is none of +1 500 555.
    package init?(number: PhoneNumber) {
        let digits = number.digits
        guard digits.utf8.count == 11, digits.hasPrefix("1500555"), let last = Int(digits.suffix(4)) else { return nil }
        self = SandboxScene(rawValue: last) ?? .delivered
    }

    /// What ``otherStation`` calls itself.
    static let otherStationIdentifier = "+15005559999"

    /// The far end of one call.
    /// - Parameters:
    ///   - firstPage: the first page of the document that the call is to send, from 0.
    ///   - earlierDials: calls that the fax had before.
    func farEnd(firstPage: Int = 0, earlierDials: Int = 0) -> FarEnd {
        var machine = FarMachine()
        switch self {
        case .delivered, .neverReports: break
        case .busy: return .refusal(status: 486)
        case .noAnswer: return .ringing(for: .seconds(3), status: 480)
        case .failsOnce: if earlierDials == 0 { machine.droppedPage = 0 }
        case .dropsPageTwo: if firstPage == 0 { machine.droppedPage = 1 }
        case .person: return .person(staying: .seconds(3))
        case .unallocated: return .refusal(status: 404)
        case .slow:
            machine.isPaced = true
            machine.maximumBitRate = 4800
        case .standardOnly: machine.takesFine = false
        case .withoutECM: machine.errorCorrection = false
        case .trainsDown: machine.failedTrainings = 2
        case .otherStation: machine.stationIdentifier = Self.otherStationIdentifier
        case .dropsPageThree: if firstPage <= 2 { machine.droppedPage = 2 - firstPage }
        case .congestion: return .refusal(status: 503, retryAfter: 1)
        case .dropsFirstPage: machine.droppedPage = 0
        }
        return .machine(machine)
    }
}
