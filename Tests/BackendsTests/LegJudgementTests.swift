import FaxModel
import SIP
import Testing

@testable import Backends

/// What became of a call, judged against what the far end had confirmed.
@Suite struct LegJudgementTests {
    @Test(arguments: [AttemptOutcome.failed(.media), .failed(.line), .failed(.protocolError), .interrupted])
    func `a fax of which every page was confirmed is not sent again by itself`(outcome: AttemptOutcome) {
        #expect(OutgoingLeg.judged(AttemptResult(outcome, evidence: "x"), isWhole: true).outcome == .unknown)
        #expect(OutgoingLeg.judged(AttemptResult(outcome, evidence: "x"), isWhole: false).outcome == outcome)
    }

    @Test(arguments: [AttemptOutcome.delivered, .unknown, .notDialled])
    func `what is settled stays`(outcome: AttemptOutcome) {
        #expect(OutgoingLeg.judged(AttemptResult(outcome, evidence: "x"), isWhole: true).outcome == outcome)
    }

    @Test func `a page of a photograph has its time`() {
        let configuration = OwnLine.Configuration.loopback(
            stationIdentifier: "", destination: SIPDestination(host: "127.0.0.1", port: 5060), isUnpaced: false)
        // 500 kB at 2,400 bit/s are 1,667 s.
        #expect(configuration.deadline(pages: 1, bytes: 500_000) >= 1667 + 60 + 90)
    }
}
