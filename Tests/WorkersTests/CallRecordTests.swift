import Foundation
import Glibc
import Testing
import WorkerProtocol
import Workers

/// The file that a worker keeps of its call, and what is made of it.
@Suite struct CallRecordTests {
    /// A folder of the test's own, beneath which `calls` does not exist yet.
    private func inFolder<Result>(_ body: (_ calls: String) async throws -> Result) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("faxlock-records-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try await body(folder + "/calls")
    }

    private func record(_ entries: CallRecordEntry...) -> CallRecord { CallRecord(entries) }

    private func bytes(_ entries: [CallRecordEntry]) -> [UInt8] { entries.enumerated().flatMap { $1.encoded(number: $0) } }

    @Test func aRecordIsForThisUserOnlyAndFoundAgain() async throws {
        try await inFolder { calls in
            _ = try await CallRecordFile.make(in: calls, reference: "one", pages: 3)
            let path = try CallRecordFile.path(of: "one", in: calls)
            var facts = stat()
            #expect(stat(path, &facts) == 0)
            #expect(facts.st_mode & 0o777 == 0o600)
            #expect(stat(calls, &facts) == 0)
            #expect(facts.st_mode & 0o777 == 0o700)
            _ = try await CallRecordFile.make(in: calls, reference: "two", pages: 100_000)
            #expect(try await Set(CallRecordFile.references(in: calls)) == ["one", "two"])
            try await CallRecordFile.remove("one", in: calls)
            try await CallRecordFile.remove("one", in: calls)
            #expect(try await CallRecordFile.references(in: calls) == ["two"])
            #expect(try await CallRecord.read(path) == .missing)
        }
    }

    @Test func aFolderThatIsNotThereHasNoRecords() async throws {
        let names = try await inFolder { try await CallRecordFile.references(in: $0) }
        #expect(names.isEmpty)
    }

    @Test func aReferenceIsUsedOnce() async throws {
        try await inFolder { calls in
            _ = try await CallRecordFile.make(in: calls, reference: "one", pages: 1)
            await #expect(throws: CallRecordFile.Failure.self) { try await CallRecordFile.make(in: calls, reference: "one", pages: 1) }
        }
    }

    @Test(arguments: ["", "..", ".hidden", "a/b", "/etc/passwd", "a\0b"]) func aReferenceIsTheNameOfAFile(reference: String) async throws {
        try await inFolder { calls in
            await #expect(throws: CallRecordFile.Failure.self) { try await CallRecordFile.make(in: calls, reference: reference, pages: 1) }
            #expect(throws: CallRecordFile.Failure.self) { try CallRecordFile.path(of: reference, in: calls) }
        }
    }

    @Test func nothingIsConcludedWhileSomebodyHoldsTheRecord() async throws {
        try await inFolder { calls in
            var file: CallRecordFile? = try await CallRecordFile.make(in: calls, reference: "one", pages: 1)
            let path = try #require(file).path
            #expect(try await CallRecord.read(path) == .underWay)
            // The worker's copy of the descriptor.
            let copy = dup(try #require(file).descriptor)
            file = nil
            #expect(try await CallRecord.read(path) == .underWay)
            let written = bytes([.transmitting, .confirmed(page: 0)])
            #expect(pwrite(copy, written, written.count, 0) == written.count)
            let reading = Task { try await CallRecord.read(path, waiting: .seconds(30)) }
            close(copy)
            #expect(try await reading.value == .found(record(.transmitting, .confirmed(page: 0))))
        }
    }

    @Test func aTornEntryIsNone() async throws {
        try await inFolder { calls in
            let path: String
            do {
                let file = try await CallRecordFile.make(in: calls, reference: "one", pages: 2)
                path = file.path
                var written = bytes([.transmitting, .confirmed(page: 0), .confirmed(page: 1)])
                written[40] ^= 1
                #expect(pwrite(file.descriptor, written, written.count, 0) == written.count)
            }
            #expect(try await CallRecord.read(path) == .found(record(.transmitting, .confirmed(page: 0))))
            #expect(truncate(path, 20) == 0)
            #expect(try await CallRecord.read(path) == .found(record(.transmitting)))
            #expect(truncate(path, 0) == 0)
            #expect(try await CallRecord.read(path) == .found(record()))
        }
    }

    @Test func aFullDiskIsSaidBeforeTheCall() async throws {
        await #expect(throws: CallRecordFile.Failure.self) {
            try await CallRecordFile.make(in: "/dev/null/calls", reference: "one", pages: 1)
        }
    }

    @Test func findings() {
        #expect(record().finding(pages: 2, firstPage: 0) == .neverTransmitted)
        #expect(record().finding(pages: 2, firstPage: 1) == .neverTransmitted)
        #expect(record(.transmitting).finding(pages: 2, firstPage: 1) == .notDelivered(confirmed: 1))
        #expect(record(.transmitting, .confirmed(page: 0)).finding(pages: 2, firstPage: 0) == .notDelivered(confirmed: 1))
        #expect(record(.transmitting, .confirmed(page: 0), .confirmed(page: 1)).finding(pages: 2, firstPage: 0) == .delivered)
        #expect(record(.transmitting, .confirmed(page: 1)).finding(pages: 2, firstPage: 1) == .delivered)
        // A page that was confirmed after one that was not is sent again.
        #expect(record(.transmitting, .confirmed(page: 1)).finding(pages: 2, firstPage: 0) == .notDelivered(confirmed: 0))
        // Pages of an earlier attempt are none of this record's.
        #expect(record(.transmitting, .confirmed(page: 2)).finding(pages: 5, firstPage: 2) == .notDelivered(confirmed: 3))
    }

    @Test func theLastPageWithoutAnAnswerIsUncertainUnlessT30Ended() {
        let asked: [CallRecordEntry] = [.transmitting, .confirmed(page: 0), .asked(page: 1)]
        #expect(CallRecord(asked).finding(pages: 2, firstPage: 0) == .uncertain(confirmed: 1))
        #expect(CallRecord(asked + [.ended(code: 21, pages: 1)]).finding(pages: 2, firstPage: 0) == .notDelivered(confirmed: 1))
        #expect(CallRecord(asked + [.confirmed(page: 1)]).finding(pages: 2, firstPage: 0) == .delivered)
        #expect(CallRecord(asked + [.confirmed(page: 1), .ended(code: 0, pages: 2)]).finding(pages: 2, firstPage: 0) == .delivered)
    }

    @Test func eachDocumentOfACallHasItsOwnFinding() {
        let call = record(.transmitting, .confirmed(page: 0), .asked(page: 1), .confirmed(page: 1), .confirmed(page: 2))
        #expect(call.finding(pages: 2, firstPage: 0) == .delivered)
        #expect(call.finding(pages: 3, firstPage: 0, offset: 2) == .notDelivered(confirmed: 1))
        #expect(call.finding(pages: 1, firstPage: 0, offset: 5) == .neverTransmitted)
        let second = record(.transmitting, .confirmed(page: 0), .asked(page: 1), .confirmed(page: 1), .asked(page: 2))
        #expect(second.finding(pages: 1, firstPage: 0, offset: 2) == .uncertain(confirmed: 0))
    }
}
