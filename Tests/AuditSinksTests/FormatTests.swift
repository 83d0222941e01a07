import AuditSinks
import Foundation
import Testing

@Suite struct FormatTests {
    @Test func jsonIsTheLeafAsItIs() {
        let record = SampleRecords.leaf(7, details: #"{"a":"\n | = \" ] é"}"#)
        guard case .leaf(_, let json) = record else { return }
        #expect(AuditFormatter.sample(.json).line(record) == json)
    }

    @Test func jsonOfACheckpointHoldsTheWholeNote() throws {
        let line = AuditFormatter.sample(.json).line(SampleRecords.checkpoint(256))
        let decoded = try JSONDecoder().decode([String: String].self, from: Data(line))
        #expect(decoded == ["checkpoint": SampleRecords.note(256)])
        #expect(!line.contains(0x0A))
    }

    @Test(arguments: AuditFormat.allCases)
    func aLineNeverHasALineBreakOrControlCharacter(format: AuditFormat) {
        let hostile = SampleRecords.json("a\r\nb\u{0}\u{1b}[31m\u{7f}c")
        var records = [
            SampleRecords.leaf(
                1, actor: hostile, id: hostile, client: hostile, address: hostile, object: hostile, reason: hostile, outcome: hostile,
                request: hostile, details: "{\(hostile):\(hostile)}"),
            SampleRecords.checkpoint(3), .checkpoint(size: 1, note: "\r\n\u{0}"),
            .leaf(sequence: 2, json: Array("{\"v\":1,\r\n\"seq\":2}".utf8)),
        ]
        // In JSON the leaf is as it is, so only what the ledger writes can be asked for.
        if format != .json { records.append(.leaf(sequence: 3, json: [0xFF, 0x00, 0x0A, 0x22])) }
        for record in records {
            let line = AuditFormatter.sample(format).line(record)
            #expect(!line.contains { $0 < 0x20 && $0 != 0x09 })
        }
    }

    // MARK: CEF

    @Test func cefOfAnEvent() {
        #expect(
            AuditFormatter.sample(.cef).text(SampleRecords.leaf(42, details: #"{"bytes":9,"first":true,"name":"x"}"#))
                == "CEF:0|Faxlock|Faxlock|1.0|content.released|Content released|1|rt=\(SampleRecords.milliseconds) "
                + "deviceExternalId=fax.example/ledger act=content.released outcome=success cn1Label=sequence cn1=42 suid=k1 "
                + "src=192.0.2.7 cs1Label=object cs1=fax/0193 cs2Label=reason cs2=treatment cs3Label=requestId cs3=r-1 "
                + "cs4Label=actorType cs4=key cs5Label=client cs5=api cs6Label=details cs6={\"bytes\":9,\"first\":true,\"name\":\"x\"}")
    }

    @Test func cefEscapesWhatWouldForgeAFieldOrAHeader() {
        let record = SampleRecords.leaf(
            1, action: "weird|act\\\\ion", id: #""""#, address: #""2001:db8::1""#,
            object: SampleRecords.json("a=b\\c|d\nsrc=203.0.113.9\r\u{1}é"), reason: "null", outcome: #""denied""#, request: "null")
        #expect(
            AuditFormatter.sample(.cef).text(record)
                == #"CEF:0|Faxlock|Faxlock|1.0|weird\|act\\ion|Weird\|act\\ion|5|rt=\#(SampleRecords.milliseconds) "#
                + #"deviceExternalId=fax.example/ledger act=weird|act\\ion outcome=denied cn1Label=sequence cn1=1 "#
                + #"c6a2Label=Source IPv6 Address c6a2=2001:db8::1 cs1Label=object cs1=a\=b\\c|d\nsrc\=203.0.113.9\r\\u0001é "#
                + #"cs4Label=actorType cs4=key cs5Label=client cs5=api"#)
    }

    @Test(arguments: ["unknown", "192.0.2.256", "192.0.2.7 suid=root", "", "fe80::1%eth0"])
    func cefHasOnlyAddressesInFieldsForAddresses(address: String) {
        let text = AuditFormatter.sample(.cef).text(SampleRecords.leaf(1, address: SampleRecords.json(address)))
        #expect(!text.contains(" src=") && !text.contains("c6a2"))
    }

    @Test func cefCutsLongDetailsAtACharacterAndSaysSo() throws {
        let long = String(repeating: "é", count: 30_000)
        let text = AuditFormatter.sample(.cef).text(SampleRecords.leaf(1, details: #"{"n":\#(SampleRecords.json(long))}"#))
        #expect(text.hasSuffix("é cn2Label=detailsBytes cn2=\(60_000 + 8)"))
        let details = try #require(text.components(separatedBy: "cs6=").last?.components(separatedBy: " cn2Label").first)
        #expect((3_999...4_000).contains(details.utf8.count))
        #expect(!details.contains("\u{FFFD}"))
    }

    @Test func cefOfACheckpoint() {
        let text = AuditFormatter.sample(.cef).text(SampleRecords.checkpoint(256))
        #expect(
            text.hasPrefix(
                "CEF:0|Faxlock|Faxlock|1.0|ledger.checkpoint|Ledger checkpoint|1|rt=\(SampleRecords.milliseconds) "
                    + "deviceExternalId=fax.example/ledger act=ledger.checkpoint outcome=success cn1Label=size cn1=256 "
                    + "cs1Label=checkpoint cs1=fax.example/ledger\\n256\\n"))
    }

    @Test func whatIsNoLeafBecomesAnEventThatSaysSo() {
        let record = AuditRecord.leaf(sequence: 9, json: Array("{broken".utf8))
        #expect(AuditFormatter.sample(.cef).text(record).contains("|ledger.unreadable|Ledger unreadable|8|"))
        #expect(AuditFormatter.sample(.ocsf).text(record).contains(#""unmapped":{"leaf":"{broken"}"#))
    }

    // MARK: OCSF

    @Test func ocsfOfARelease() {
        #expect(
            AuditFormatter.sample(.ocsf).text(SampleRecords.leaf(42, details: #"{"bytes":9,"first":true,"name":"x\"\n"}"#))
                == #"{"class_uid":6005,"category_uid":6,"activity_id":1,"activity_name":"content.released","type_uid":600501,"#
                + #""severity_id":1,"time":\#(SampleRecords.milliseconds),"message":"Content released","status_id":1,"status":"success","#
                + #""metadata":{"version":"1.3.0","product":{"name":"Faxlock","vendor_name":"Faxlock","version":"1.0"},"#
                + #""log_name":"ledger","log_provider":"fax.example/ledger","uid":"fax.example/ledger/42","sequence":42,"#
                + #""correlation_uid":"r-1"},"actor":{"user":{"uid":"k1","type_id":99,"type":"key"}},"#
                + #""databucket":{"uid":"fax/0193","name":"vault","type_id":99,"type":"Faxlock vault"},"#
                + #""src_endpoint":{"ip":"192.0.2.7","name":"api"},"#
                + #""unmapped":{"object":"fax/0193","reason":"treatment","client":"api","address":"192.0.2.7","#
                + #""details":{"bytes":9,"first":true,"name":"x\"\n"}}}"#)
    }

    @Test func ocsfOfAFailedSignIn() {
        let record = SampleRecords.leaf(
            3, action: "sign_in.failed", actor: #""anonymous""#, id: #""""#, address: #""not an address""#, reason: "null",
            outcome: #""failure""#, request: "null")
        let text = AuditFormatter.sample(.ocsf).text(record)
        #expect(text.contains(#""class_uid":3002,"category_uid":3,"activity_id":1,"#))
        #expect(text.contains(#""type_uid":300201,"severity_id":3,"#))
        #expect(text.contains(#""status_id":2,"status":"failure""#))
        #expect(text.contains(#""user":{"name":"anonymous","type_id":99,"type":"anonymous"},"src_endpoint":{"name":"api"}"#))
    }

    /// What the schema requires of each class, for each action that the table has.
    @Test func ocsfHasTheRequiredMembersOfEachClass() throws {
        for action in try ActionTableTests.words() + ["new.word", "ledger.checkpoint"] {
            let line = AuditFormatter.sample(.ocsf).line(SampleRecords.leaf(1, action: action, object: #""key/5f""#))
            let event = try #require(JSONSerialization.jsonObject(with: Data(line)) as? [String: Any], "\(action)")
            let number = { (name: String) in event[name] as? Int ?? -1 }
            #expect(number("type_uid") == number("class_uid") * 100 + number("activity_id"), "\(action)")
            #expect(number("category_uid") == number("class_uid") / 1000, "\(action)")
            #expect((1...4).contains(number("severity_id")), "\(action)")
            let required: [Int: [String]] = [
                3001: ["user"], 3002: ["user"], 3003: ["user"], 3004: ["entity"], 6002: ["app"], 6003: ["actor", "api", "src_endpoint"],
                6005: ["actor", "src_endpoint", "databucket"],
            ]
            for name in try #require(required[number("class_uid")]) + ["metadata", "time"] {
                #expect(event[name] != nil, "\(action) lacks \(name)")
            }
        }
    }

    @Test func ocsfKeepsLongDetailsWhole() throws {
        let long = String(repeating: "x=|\"", count: 15_000)
        let line = AuditFormatter.sample(.ocsf).line(SampleRecords.leaf(1, details: #"{"n":\#(SampleRecords.json(long))}"#))
        let event = try #require(JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
        let details = (event["unmapped"] as? [String: Any])?["details"] as? [String: String]
        #expect(details?["n"] == long)
    }
}
