import Backends
import FaxModel
import Foundation
import Imaging
import Testing

@Suite(.timeLimit(.minutes(10))) struct AsteriskLineTests {
    @Test func delivered() async throws {
        try await AsteriskBench.with { bench in
            let sending = try bench.start()
            let originate = await bench.standIn.next("Originate")
            #expect(originate["Channel"] == "PJSIP/+15551230100@faxlock-trunk")
            #expect(
                originate["ChannelId"] == AsteriskBench.reference && originate["Async"] == "true" && originate["Context"] == "faxlock-send")
            let variables = Set(originate.fields.filter { $0.name == "Variable" }.map(\.value))
            #expect(
                variables == [
                    "FAXLOCK_CALL=\(AsteriskBench.reference)", "FAXLOCK_FILE=/spool/out/\(AsteriskBench.reference).tif", "FAXLOCK_ECM=yes",
                    "FAXLOCK_RATE=14400", "FAXLOCK_STATION=+1 555 123 0150", "FAXLOCK_OPTIONS=zf",
                ])
            let path = "\(bench.folder)/out/\(AsteriskBench.reference).tif"
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o640)
            let file = try Data(contentsOf: URL(fileURLWithPath: path))
            let bytes = Array(file)
            let reader = try TIFFReader(ClosureRandomAccess { Array(bytes[min($0, bytes.count)..<min($0 + $1, bytes.count)]) })
            #expect(reader.count == 3)
            #expect(try reader.page(at: 2) == AsteriskBench.page(2))

            try await bench.standIn.respond(originate.actionID ?? "", "Success", "Message: Originate successfully queued")
            try await bench.answer()
            try await bench.result(pages: 3)
            try await bench.hangup()
            let result = await sending.value
            #expect(result.outcome == .delivered, "\(result)")
            #expect(!result.evidence.contains("1555"))
            #expect(bench.reports.pages == [0, 1, 2] && bench.reports.isAnswered)
            #expect(await bench.standIn.count(of: "Action: Originate") == 1)
        }
    }

    @Test func aResumedFaxHasItsLastPagesOnly() async throws {
        try await AsteriskBench.with { bench in
            let sending = try bench.start(pages: 3, firstPage: 2)
            let originate = await bench.standIn.next("Originate")
            let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: "\(bench.folder)/out/\(AsteriskBench.reference).tif")))
            let reader = try TIFFReader(ClosureRandomAccess { Array(bytes[min($0, bytes.count)..<min($0 + $1, bytes.count)]) })
            #expect(reader.count == 1)
            #expect(try reader.page(at: 0) == AsteriskBench.page(2))
            try await bench.standIn.respond(originate.actionID ?? "", "Success", "Message: queued")
            try await bench.answer()
            try await bench.result(pages: 1)
            try await bench.hangup()
            #expect(await sending.value.outcome == .delivered)
            #expect(bench.reports.pages == [2])
        }
    }

    @Test func aCallKeepsToItsMode() async throws {
        try await AsteriskBench.with { bench in
            let sending = try bench.start(mode: .rung(4))
            let originate = await bench.standIn.next("Originate")
            let variables = Set(originate.fields.filter { $0.name == "Variable" }.map(\.value))
            #expect(variables.isSuperset(of: ["FAXLOCK_ECM=no", "FAXLOCK_RATE=9600", "FAXLOCK_OPTIONS=F"]))
            try await bench.standIn.respond(originate.actionID ?? "", "Success", "Message: queued")
            try await bench.answer()
            try await bench.result(pages: 3)
            try await bench.hangup()
            #expect(await sending.value.outcome == .delivered)
        }
    }

    /// Asterisk tells only afterwards who answered.
    @Test(arguments: ["+15551230100", "+15551230142"])
    func anotherStationIsInTheEvidence(expected: String) async throws {
        try await AsteriskBench.with { bench in
            let sending = try bench.start(expecting: expected)
            let originate = await bench.standIn.next("Originate")
            try await bench.standIn.respond(originate.actionID ?? "", "Success", "Message: queued")
            try await bench.answer()
            try await bench.result(pages: 3)
            try await bench.hangup()
            let result = await sending.value
            #expect(result.outcome == .delivered)
            #expect(result.evidence.contains("is not the one that was expected") == (expected != "+15551230100"))
            #expect(!result.evidence.contains("1555"))
        }
    }

    private static let refusals: [(Int, Int, FailureCause)] = [
        (5, 17, .busy), (0, 17, .busy), (5, 0, .busy), (3, 19, .noAnswer), (1, 0, .noAnswer), (0, 18, .noAnswer), (8, 0, .congestion),
        (8, 34, .congestion), (0, 1, .unallocated), (0, 28, .unallocated), (0, 21, .rejected), (0, 58, .media), (0, 0, .congestion),
        (99, 127, .congestion),
    ]

    /// The hang-up comes before the word on the Originate, as Asterisk sends them.
    @Test(arguments: refusals)
    func unanswered(reason: Int, cause: Int, expected: FailureCause) async throws {
        try await AsteriskBench.with { bench in
            let sending = try await bench.dial()
            try await bench.hangup(cause: cause)
            try await bench.standIn.event(
                "OriginateResponse", "ActionID: \(AsteriskBench.reference)", "Response: Failure", "Reason: \(reason)", "Uniqueid: <null>")
            #expect(await sending.value.outcome == .failed(expected))
            #expect(bench.reports.pages == [] && !bench.reports.isAnswered)
        }
    }

    private static let faxes: [(String, Int, String, String, AttemptOutcome, [Int])] = [
        ("SUCCESS", 3, "HANGUP", "OK", .delivered, [0, 1, 2]),
        // A success of fewer pages than the file has is no delivery, nor is one of more; a second call could make a second copy.
        ("SUCCESS", 2, "NONE", "OK", .unknown, [0, 1]),
        ("SUCCESS", 0, "NONE", "OK", .unknown, []),
        ("SUCCESS", 4, "NONE", "OK", .unknown, [0, 1, 2]),
        ("FAILED", 3, "HANGUP", "The call dropped prematurely", .unknown, [0, 1, 2]),
        ("FAILED", 1, "HANGUP", "The call dropped prematurely", .failed(.protocolError), [0]),
        ("FAILED", 0, "T38_NEG_ERROR", "error negotiating T.38", .failed(.media), []),
        ("FAILED", 0, "HANGUP", "Timed out waiting for initial communication", .failed(.notFax), []),
        ("FAILED", 0, "HANGUP", "Received a DCN while waiting for a DIS", .failed(.notFax), []),
        ("FAILED", 0, "HANGUP", "Far end cannot receive at the resolution of the image", .failed(.incapable), []),
        ("FAILED", 0, "TIFF/F file cannot be opened", "TIFF/F file cannot be opened", .failed(.line), []),
        ("", 0, "", "", .failed(.protocolError), []),
        ("FAILED", -7, "", "", .unknown, []),
    ]

    @Test(arguments: faxes.indices)
    func ends(index: Int) async throws {
        let (status, pages, error, text, outcome, confirmed) = Self.faxes[index]
        try await AsteriskBench.with { bench in
            let sending = try await bench.dial()
            try await bench.answer()
            try await bench.result(status: status, pages: pages, error: error, text: text)
            // Once more, and of another call: the first word of this call counts.
            try await bench.result(status: "SUCCESS", pages: 3)
            try await bench.hangup()
            #expect(await sending.value.outcome == outcome)
            #expect(bench.reports.pages == confirmed)
        }
    }

    private static let counts: [([String], AttemptOutcome)] = [
        (["Status: SUCCESS"], .unknown), (["Status: SUCCESS", "Pages: "], .unknown), (["Status: SUCCESS", "Pages: three"], .unknown),
        (["Status: FAILED"], .unknown), (["Status: FAILED", "Pages: "], .unknown), (["Status: FAILED", "Pages: 1e0"], .unknown),
        ([], .unknown),
        // SendFAX sets both as it begins: this one did not.
        (["Status: ", "Pages: "], .failed(.protocolError)),
    ]

    /// A number of pages that is missing is not none.
    @Test(arguments: counts.indices, [false, true])
    func withoutACountOfPages(index: Int, isRecord: Bool) async throws {
        let (lines, outcome) = Self.counts[index]
        try await AsteriskBench.with { bench in
            let sending = try await bench.dial()
            try await bench.answer()
            let fields = (["Call: \(AsteriskBench.reference)"] + lines).joined(separator: "\r\n")
            if isRecord {
                try Data((fields + "\n").utf8).write(to: URL(fileURLWithPath: "\(bench.folder)/in/\(AsteriskBench.reference).result"))
            } else {
                try await bench.standIn.event("UserEvent", "UserEvent: FaxlockResult", "Uniqueid: \(AsteriskBench.reference)", fields)
            }
            try await bench.hangup()
            #expect(await sending.value.outcome == outcome)
            #expect(bench.reports.pages == [])
        }
    }

    @Test func anotherCallsEventsAreNotOurs() async throws {
        try await AsteriskBench.with { bench in
            let sending = try await bench.dial()
            try await bench.answer()
            try await bench.standIn.event(
                "UserEvent", "UserEvent: FaxlockResult", "Uniqueid: \(AsteriskBench.reference)", "Call: other", "Status: SUCCESS",
                "Pages: 3")
            try await bench.standIn.event("Hangup", "Uniqueid: other", "Cause: 17")
            try await bench.result(status: "FAILED", pages: 0)
            try await bench.hangup()
            #expect(await sending.value.outcome == .failed(.protocolError))
        }
    }

    /// Asterisk ended the call and the dialplan said nothing: pages may have gone over.
    @Test func withoutTheDialplansWordItIsUnknown() async throws {
        try await AsteriskBench.with { bench in
            let sending = try await bench.dial()
            try await bench.answer()
            try await bench.hangup()
            #expect(await sending.value.outcome == .unknown)
        }
    }

    // MARK: A connection that breaks in mid-call

    @Test func theCallGoesOnAndItsEndIsHeardLater() async throws {
        try await AsteriskBench.with { bench in
            await bench.standIn.have([AsteriskBench.reference])
            let sending = try await bench.dial()
            try await bench.answer()
            let news = await bench.manager.follow("watch")
            await bench.standIn.drop()
            for await item in news where item == .back { break }
            try await bench.result(pages: 3)
            try await bench.hangup()
            #expect(await sending.value.outcome == .delivered)
            #expect(await bench.standIn.count(of: "Action: Originate") == 1)
        }
    }

    @Test func theRecordSaysHowItEndedMeanwhile() async throws {
        try await AsteriskBench.with { bench in
            let sending = try await bench.dial()
            try await bench.answer()
            try bench.leaveRecord(pages: 3)
            await bench.standIn.drop()
            let result = await sending.value
            #expect(result.outcome == .delivered, "\(result)")
            #expect(bench.reports.pages == [0, 1, 2])
            #expect(try bench.files("in").isEmpty)
            #expect(await bench.standIn.count(of: "Action: Originate") == 1)
        }
    }

    @Test(arguments: [true, false])
    func withoutRecordItIsUnknown(hasOthers: Bool) async throws {
        try await AsteriskBench.with { bench in
            let sending = try await bench.dial()
            try await bench.answer()
            if hasOthers { try bench.leaveRecord(pages: 3, call: "another") }
            await bench.standIn.drop()
            #expect(await sending.value.outcome == .unknown)
            #expect(await bench.standIn.count(of: "Action: Originate") == 1)
        }
    }

    /// The answer may have come, and pages gone over, while nobody listened: what sounds like an unanswered call is not known to be one.
    @Test(arguments: [false, true])
    func afterAGapNoCallIsUnanswered(isStopping: Bool) async throws {
        try await AsteriskBench.with({ $0.settleTime = .seconds(20) }) { bench in
            await bench.standIn.have([AsteriskBench.reference])
            let sending = try await bench.dial()
            let news = await bench.manager.follow("watch")
            await bench.standIn.drop()
            for await item in news where item == .back { break }
            if isStopping {
                sending.cancel()
                _ = await bench.standIn.next("Hangup")
            }
            try await bench.hangup(cause: 17)
            try await bench.standIn.event("OriginateResponse", "ActionID: \(AsteriskBench.reference)", "Response: Failure", "Reason: 5")
            #expect(await sending.value.outcome == .unknown)
            #expect(await bench.standIn.count(of: "Action: Originate") == 1)
        }
    }

    /// The Originate was sent and its answer never came: it is not sent again, and the fax does not go back into the queue.
    @Test func aBreakBeforeTheResponseIsNoSecondCall() async throws {
        try await AsteriskBench.with { bench in
            let sending = try bench.start()
            _ = await bench.standIn.next("Originate")
            await bench.standIn.drop()
            #expect(await sending.value.outcome == .unknown)
            #expect(await bench.standIn.count(of: "Action: Originate") == 1)
        }
    }

    // MARK: Ends from this side

    @Test func aStopHangsUpAndKeepsWhatIsConfirmed() async throws {
        try await AsteriskBench.with({ $0.settleTime = .seconds(20) }) { bench in
            let sending = try await bench.dial()
            try await bench.answer()
            sending.cancel()
            let hangup = await bench.standIn.next("Hangup")
            #expect(hangup["Channel"] == AsteriskBench.reference)
            try await bench.result(status: "FAILED", pages: 1)
            try await bench.hangup()
            #expect(await sending.value.outcome == .interrupted)
            #expect(bench.reports.pages == [0])
        }
    }

    @Test func aStopWhileItRings() async throws {
        try await AsteriskBench.with({ $0.settleTime = .seconds(20) }) { bench in
            let sending = try await bench.dial()
            sending.cancel()
            _ = await bench.standIn.next("Hangup")
            try await bench.hangup(cause: 0)
            try await bench.standIn.event("OriginateResponse", "ActionID: \(AsteriskBench.reference)", "Response: Failure", "Reason: 0")
            #expect(await sending.value.outcome == .interrupted)
        }
    }

    @Test func anAsteriskThatSaysNothingMoreAfterAStop() async throws {
        try await AsteriskBench.with { bench in
            let sending = try await bench.dial()
            try await bench.answer()
            sending.cancel()
            _ = await bench.standIn.next("Hangup")
            #expect(await sending.value.outcome == .unknown)
        }
    }

    @Test func aCallThatLastsTooLongIsHungUp() async throws {
        try await AsteriskBench.with({
            $0.ringTime = .milliseconds(50)
            $0.secondsPerPage = -40
        }) { bench in
            let sending = try await bench.dial()
            try await bench.answer()
            _ = await bench.standIn.next("Hangup")
            #expect(await sending.value.outcome == .unknown)
        }
    }

    @Test func aReportThatIsNotRecordedEndsTheCall() async throws {
        try await AsteriskBench.with { bench in
            let sending = try await bench.dial(refuse: true)
            try await bench.answer()
            _ = await bench.standIn.next("Hangup")
            #expect(await sending.value.outcome == .unknown)
        }
    }

    // MARK: Nothing was dialled

    @Test func asteriskRefuses() async throws {
        try await AsteriskBench.with { bench in
            let sending = try bench.start()
            let originate = await bench.standIn.next("Originate")
            try await bench.standIn.respond(originate.actionID ?? "", "Error", "Message: Permission denied")
            let result = await sending.value
            #expect(result.outcome == .notDialled)
            #expect(result.evidence.contains("manager.conf"))
        }
    }

    @Test func withoutConnection() async throws {
        try await AsteriskBench.with(isConnected: false) { bench in
            let result = try await bench.start().value
            #expect(result.outcome == .notDialled)
            #expect(await bench.standIn.transcript.isEmpty)
        }
    }

    /// The stop comes while the call waits for the connection, which then comes.
    @Test func aStopBeforeTheCallDialsNothing() async throws {
        try await AsteriskBench.with(isConnected: false, { $0.connectionWait = .seconds(20) }) { bench in
            let sending = try bench.start()
            sending.cancel()
            let running = Task { await bench.manager.run() }
            #expect(await sending.value.outcome == .notDialled)
            #expect(await bench.standIn.count(of: "Originate") == 0)
            running.cancel()
            await running.value
        }
    }

    @Test func aFullOrForeignSpool() async throws {
        try await AsteriskBench.with { bench in
            let path = "\(bench.folder)/out/\(AsteriskBench.reference).tif"
            // A link that somebody put in the way is not followed, and nothing is written through it.
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "\(bench.folder)/elsewhere")
            #expect(try await bench.start().value.outcome == .notDialled)
            #expect(!FileManager.default.fileExists(atPath: "\(bench.folder)/elsewhere"))
        }
    }

    @Test func whatAnEarlierStartLeftIsSwept() async throws {
        try await AsteriskBench.with { bench in
            for name in ["out/old.tif", "in/old.result", "in/1700000000.1.tif", "in/1700000000.1.json"] {
                try Data("x".utf8).write(to: URL(fileURLWithPath: "\(bench.folder)/\(name)"))
            }
            try CallSpool(
                out: SpoolFolder(path: bench.folder + "/out"), incoming: SpoolFolder(path: bench.folder + "/in"), path: "/spool/out"
            ).sweep()
            // Received faxes are never swept away.
            #expect(try bench.files("in") == ["1700000000.1.json", "1700000000.1.tif"])
        }
    }

    /// Records of calls that were given up before Asterisk ended them.
    @Test func oldRecordsAreRemovedNowAndThen() async throws {
        try await AsteriskBench.with { bench in
            for name in ["old.result", "new.result", "1700000000.1.tif"] {
                try Data("x".utf8).write(to: URL(fileURLWithPath: "\(bench.folder)/in/\(name)"))
            }
            for name in ["old.result", "1700000000.1.tif"] {
                try FileManager.default.setAttributes(
                    [.modificationDate: Date(timeIntervalSinceNow: -90_000)], ofItemAtPath: "\(bench.folder)/in/\(name)")
            }
            try CallSpool(
                out: SpoolFolder(path: bench.folder + "/out"), incoming: SpoolFolder(path: bench.folder + "/in"), path: "/spool/out"
            ).removeOldRecords()
            #expect(try bench.files("in") == ["1700000000.1.tif", "new.result"])
        }
    }
}
