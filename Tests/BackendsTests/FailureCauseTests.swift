import FaxModel
import Testing

@testable import Backends

@Suite struct FailureCauseTests {
    @Test(arguments: [
        (486, FailureCause.busy), (600, .busy), (408, .noAnswer), (480, .noAnswer), (487, .noAnswer), (404, .unallocated),
        (410, .unallocated), (484, .unallocated), (604, .unallocated), (415, .media), (488, .media), (606, .media), (500, .congestion),
        (503, .congestion), (599, .congestion), (403, .rejected), (401, .rejected), (603, .rejected), (607, .rejected), (699, .rejected),
        (302, .rejected),
    ])
    func `a final SIP status is a cause`(status: Int, cause: FailureCause) {
        #expect(FailureCause(sipStatus: status) == cause)
    }

    @Test(arguments: [
        (2, FailureCause.notFax), (3, .notFax), (17, .notFax), (19, .notFax), (9, .incapable), (11, .incapable), (12, .incapable),
        (105, .stationMismatch),
        (1, .protocolError), (21, .protocolError), (45, .protocolError), (-1, .protocolError), (10_000, .protocolError),
    ])
    func `an end of T.30 is a cause`(code: Int, cause: FailureCause) {
        #expect(FailureCause(t30Code: code) == cause)
    }

    @Test(arguments: ["+15551230100", "15551230199", "+15551230142"])
    func `the loopback exchange serves its hundred numbers`(number: String) {
        #expect(LoopbackExchange.serves(number))
    }

    @Test(arguments: [
        "", "+", "+15551230200", "+1555123010", "+155512301000", "5551230100", "+25551230100", "++15551230100", "155512301xy",
        "+155512301\u{661}", "anonymous",
    ])
    func `and no other`(number: String) {
        #expect(!LoopbackExchange.serves(number))
    }
}
