import FaxModel
import Testing
import Webhooks

@testable import Store

/// Nothing of a fax leaves but how it stands.
@Suite struct PayloadTests {
    private func body(_ data: String, type: String = "fax.delivered") throws -> String {
        WebhookPayload.body(
            of: FaxEventRecord(
                id: 7, fax: try #require(FaxID("019a9f3c81d04b7e9a1f6c2d5e8b7a90")), at: Timestamp(milliseconds: 1_795_336_200_123),
                type: type,
                data: data))
    }

    @Test func `type, time and how it stands`() throws {
        let data = #"{"state":"delivered","status":"SUCCESS","pages":3,"pages_confirmed":3}"#
        #expect(
            try body(data)
                == #"{"data":{"id":"019a9f3c81d04b7e9a1f6c2d5e8b7a90","pages":3,"pages_confirmed":3,"state":"delivered","#
                + #""status":"SUCCESS"},"#
                + #""timestamp":"2026-11-22T08:30:00.123Z","type":"fax.delivered"}"#)
        let ended = try body(
            #"{"attempt":2,"outcome":"failed","cause":"no_answer","route":"own","next_at":"2026-11-22T08:35:00Z"}"#,
            type: "fax.attempt_ended")
        #expect(ended.contains(#""attempt":2,"cause":"no_answer""#) && ended.contains(#""next_at":"2026-11-22T08:35:00.000Z""#))
    }

    /// Whatever an event holds by mistake.
    @Test(arguments: [
        #"{"to":"+15551230142"}"#, #"{"number":"+15551230142","state":"queued"}"#, #"{"route":"+15551230142"}"#,
        #"{"cause":"15551230142"}"#,
        #"{"state":"Quincy Marrow"}"#, #"{"hold":"Quincy, call +15551230142"}"#, #"{"next_at":"+15551230142"}"#, #"{"tags":["Marrow"]}"#,
        #"{"id":"+15551230142"}"#, #"{"outcome":"\#(String(repeating: "Marrow", count: 11))"}"#, "Marrow +15551230142", "",
    ])
    func `numbers, names and tags stay`(data: String) throws {
        let body = try body(data)
        #expect(!body.contains("5551230142") && !body.contains("Marrow"))
        #expect(body.contains(#""id":"019a9f3c81d04b7e9a1f6c2d5e8b7a90""#) && body.contains(#""type":"fax.delivered""#))
    }
}
