import Backends
import FaxModel
import Foundation
import Glibc
import Logging
import Synchronization
import Testing
import WorkerProtocol
import Workers

@Suite(.timeLimit(.minutes(1))) struct InboundSpoolTests {
    /// What came into the inbox.
    private actor TestInbox: Inbox, Reception {
        struct Full: Error {}

        var admission = Admission.accepted
        var isFull = false
        private(set) var calls: [InboundCall] = []
        private(set) var asked = 0
        private(set) var pages: [FaxPage] = []
        private(set) var lastFlags: [Bool] = []
        private(set) var stored: [String: InboundSpool.Known] = [:]
        private(set) var broken = 0
        private var current: (call: InboundCall, pages: Int)?

        func setAdmission(_ admission: Admission) { self.admission = admission }
        func setFull(_ isFull: Bool) { self.isFull = isFull }
        func know(_ reference: String, pages: Int) { stored[reference] = .init(id: Self.id(0), pages: pages) }
        func find(_ reference: String) -> InboundSpool.Known? { stored[reference] }

        func admit(_ call: InboundCall) -> Admission {
            asked += 1
            return admission
        }

        func begin(_ call: InboundCall) -> any Reception {
            calls.append(call)
            current = (call, 0)
            return self
        }

        func identified(_ negotiation: Negotiation) {}

        func append(_ page: FaxPage, _ report: PageReport) throws {
            if isFull { throw Full() }
            #expect(report.page == current?.pages)
            pages.append(page)
            lastFlags.append(report.isLast)
            current?.pages += 1
        }

        func finish(_ end: CallEnd) { close() }

        func breakOff() {
            broken += 1
            close()
        }

        private func close() {
            guard let current, current.pages > 0 else { return }
            stored[current.call.reference] = .init(id: Self.id(calls.count), pages: current.pages)
            self.current = nil
        }

        static func id(_ number: Int) -> FaxID {
            var generator = SystemRandomNumberGenerator()
            return FaxID(now: Timestamp(milliseconds: Int64(number) * 1000), using: &generator)
        }
    }

    private struct Bench {
        let spool: InboundSpool
        let inbox: TestInbox
        let folder: String

        /// A "TIFF" here is a byte a page, and 0 is one that cannot be read.
        func put(_ name: String, _ bytes: [UInt8]) throws {
            try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
        }

        var files: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: folder).sorted() } }

        func notice(_ path: String = "/spool/in/1700.1.tif", status: String = "SUCCESS", pages: Int = 2, id: String = "1700.1")
            -> InboundSpool.Notice
        {
            .init(
                tiff_path: path, to_number: "+15551230150", from_number: "+15551230101", faxstatus: status, faxpages: pages, uniqueid: id,
                station: "+1555\r\n12301; 01")
        }
    }

    private func with(_ body: (Bench) async throws -> Void) async throws {
        let base = FileManager.default.temporaryDirectory.path + "/faxlock-inbound-\(UUID())"
        try FileManager.default.createDirectory(atPath: base + "/in", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: base) }
        let inbox = TestInbox()
        let spool = InboundSpool(
            folder: try SpoolFolder(path: base + "/in"), path: "/spool/in", inbox: inbox,
            reader: { image, page in
                for byte in try image.read(at: 0, count: 1000) where byte != 0 { try await page(AsteriskBench.page(Int(byte))) }
            },
            find: { await inbox.find($0) }, logger: Logger(label: "test"))
        try await body(Bench(spool: spool, inbox: inbox, folder: base + "/in"))
    }

    /// Why a notice was not taken.
    private func failure(_ bench: Bench, _ notice: InboundSpool.Notice) async -> InboundSpool.Failure? {
        do {
            _ = try await bench.spool.take(notice)
            return nil
        } catch {
            return error as? InboundSpool.Failure
        }
    }

    @Test func aWholeFax() async throws {
        try await with { bench in
            try bench.put("1700.1.tif", [1, 2])
            try bench.put("1700.1.json", [])
            let taken = try await bench.spool.take(bench.notice())
            let known = await bench.inbox.find("1700.1")
            #expect(known?.pages == 2 && taken == known.map { .received($0.id) })
            #expect(await bench.inbox.pages == [AsteriskBench.page(1), AsteriskBench.page(2)])
            #expect(await bench.inbox.lastFlags == [false, true])
            #expect(await bench.inbox.broken == 0)
            #expect(await bench.inbox.calls.first?.trunk == "asterisk")
            #expect(try bench.files == [])
        }
    }

    @Test(arguments: [("FAILED", 2), ("SUCCESS", 3), ("", 2), ("success", 2)])
    func whatIsNotWholeIsPartial(status: String, pages: Int) async throws {
        try await with { bench in
            try bench.put("1700.1.tif", [1, 2])
            _ = try await bench.spool.take(bench.notice(status: status, pages: pages))
            #expect(await bench.inbox.lastFlags == [false, false])
            #expect(await bench.inbox.broken == 1)
            #expect(try bench.files == [])
        }
    }

    @Test func toldAgainItIsTheSameFax() async throws {
        try await with { bench in
            try bench.put("1700.1.tif", [1, 2])
            let first = try await bench.spool.take(bench.notice())
            let second = try await bench.spool.take(bench.notice())
            // The stop came between the commit and the removal.
            try bench.put("1700.1.tif", [1, 2])
            let third = try await bench.spool.take(bench.notice())
            #expect(first == second && second == third)
            #expect(await bench.inbox.calls.count == 1)
            #expect(try bench.files == [])
        }
    }

    @Test func toldTwiceAtTheSameTimeItIsTakenOnce() async throws {
        try await with { bench in
            try bench.put("1700.1.tif", [1, 2])
            let notice = bench.notice()
            let answers = try await withThrowingTaskGroup(of: InboundSpool.Taken.self) { group in
                for _ in 0..<8 { group.addTask { [spool = bench.spool] in try await spool.take(notice) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count == 8 && answers.allSatisfy { $0 == answers[0] })
            #expect(await bench.inbox.calls.count == 1)
        }
    }

    /// A stop of the server cut the reception, which left a partial fax; the file has it all.
    @Test func aCutReceptionIsTakenAgain() async throws {
        try await with { bench in
            await bench.inbox.know("1700.1", pages: 1)
            try bench.put("1700.1.tif", [1, 2])
            _ = try await bench.spool.take(bench.notice())
            #expect(await bench.inbox.find("1700.1")?.pages == 2)
            // A file that has no more than is known is not.
            await bench.inbox.know("1700.2", pages: 1)
            try bench.put("1700.2.tif", [1])
            _ = try await bench.spool.take(bench.notice("/spool/in/1700.2.tif", id: "1700.2"))
            #expect(await bench.inbox.calls.count == 1)
        }
    }

    @Test(arguments: [Admission.unknownNumber, .retiredNumber])
    func aRefusedNumbersFaxIsDestroyed(admission: Admission) async throws {
        try await with { bench in
            await bench.inbox.setAdmission(admission)
            try bench.put("1700.1.tif", [1, 2])
            try bench.put("1700.1.json", [])
            let taken = try await bench.spool.take(bench.notice())
            #expect(taken == .refused)
            #expect(try bench.files == [])
            #expect(await bench.inbox.calls.isEmpty)
            // Told again, there is nothing, and nothing is recorded once more.
            #expect(await failure(bench, bench.notice()) == .missing)
            #expect(await bench.inbox.asked == 1)
        }
    }

    @Test func whileReceivingIsOffTheFileStays() async throws {
        try await with { bench in
            await bench.inbox.setAdmission(.notReceiving)
            try bench.put("1700.1.tif", [1])
            #expect(await failure(bench, bench.notice()) == .notReceiving)
            #expect(try bench.files == ["1700.1.tif"])
        }
    }

    @Test func aFullDatabaseKeepsTheFile() async throws {
        try await with { bench in
            await bench.inbox.setFull(true)
            try bench.put("1700.1.tif", [1, 2])
            await #expect(throws: TestInbox.Full.self) { try await bench.spool.take(bench.notice()) }
            #expect(try bench.files == ["1700.1.tif"])
            await bench.inbox.setFull(false)
            _ = try await bench.spool.take(bench.notice())
            #expect(await bench.inbox.find("1700.1")?.pages == 2)
        }
    }

    @Test func anUnreadableFileIsPutAside() async throws {
        try await with { bench in
            try bench.put("1700.1.tif", [0, 0])
            try bench.put("1700.1.json", [])
            #expect(await failure(bench, bench.notice()) == .unreadable)
            #expect(try bench.files == ["1700.1.tif.unreadable"])
            #expect(await bench.inbox.calls.isEmpty)
        }
    }

    private static let paths = [
        "/etc/passwd", "1700.1.tif", "/spool/in", "/spool/in/", "/spool/in/../secret.tif", "/spool/in//etc/x.tif", "/spool/in/sub/x.tif",
        "/spool/in/..", "/spool/in/.hidden.tif", "/spool/inside/x.tif", "/spool/in/x.pdf", "/spool/in/x.tif\u{0}", "/spool/in/x.tif/",
        "/spool/in/é.tif", "/spool/in/a b.tif", "/spool/in/%2e%2e.tif", "\\spool\\in\\x.tif", "", "/spool/out/x.tif",
        "/spool/in/" + String(repeating: "x", count: 300) + ".tif",
    ]

    @Test(arguments: paths)
    func pathsThatLeadElsewhere(path: String) async throws {
        try await with { bench in
            try Data([1]).write(to: URL(fileURLWithPath: bench.folder + "/../secret.tif"))
            guard case .invalid? = await failure(bench, bench.notice(path)) else {
                Issue.record("it was not refused")
                return
            }
            #expect(await bench.inbox.asked == 0)
            #expect(FileManager.default.fileExists(atPath: bench.folder + "/../secret.tif"))
        }
    }

    /// A link, a second name of a file elsewhere, a folder, a pipe: none is read, none removed, and nobody waits for it.
    @Test(arguments: ["link", "name", "folder", "pipe"])
    func filesThatAreNone(kind: String) async throws {
        try await with { bench in
            let secret = bench.folder + "/../secret.tif"
            try Data([1, 2]).write(to: URL(fileURLWithPath: secret))
            let path = bench.folder + "/1700.1.tif"
            switch kind {
            case "link": #expect(symlink("../secret.tif", path) == 0)
            case "name": #expect(link(secret, path) == 0)
            case "folder": #expect(mkdir(path, 0o700) == 0)
            default: #expect(mkfifo(path, 0o600) == 0)
            }
            guard case .invalid(let reason)? = await failure(bench, bench.notice()) else {
                Issue.record("it was not refused")
                return
            }
            #expect(!reason.contains("1700"))
            #expect(await bench.inbox.asked == 0)
            #expect(try bench.files == ["1700.1.tif"])
            #expect(try Data(contentsOf: URL(fileURLWithPath: secret)) == Data([1, 2]))
        }
    }

    @Test func aFileOfAnySizeIsNotTaken() async throws {
        try await with { bench in
            try bench.put("1700.1.tif", [1])
            #expect(truncate(bench.folder + "/1700.1.tif", 1 << 40) == 0)
            guard case .invalid? = await failure(bench, bench.notice()) else {
                Issue.record("it was not refused")
                return
            }
        }
    }

    @Test(arguments: ["", "../x", "a b", "a\nb", ".x", String(repeating: "1", count: 101), "a/b", "é"])
    func idsThatAreNone(id: String) async throws {
        try await with { bench in
            try bench.put("1700.1.tif", [1])
            guard case .invalid? = await failure(bench, bench.notice(id: id)) else {
                Issue.record("it was not refused")
                return
            }
        }
    }

    @Test func whatCouldNotBeToldIsFound() async throws {
        try await with { bench in
            let json = """
                {"tiff_path":"/spool/in/1700.1.tif","to_number":"+15551230150","from_number":"","faxstatus":"SUCCESS","faxpages":"2",\
                "uniqueid":"1700.1","station":""}
                """
            try bench.put("1700.1.tif", [1, 2])
            try bench.put("1700.1.json", Array(json.utf8))
            try bench.put("broken.json", Array("{".utf8))
            try bench.put("1700.9.tif", [1])
            // It may still be told of.
            await bench.spool.sweep()
            #expect(await bench.inbox.calls.isEmpty)
            for name in ["1700.1.json", "broken.json"] {
                var times = [timespec(tv_sec: 1000, tv_nsec: 0), timespec(tv_sec: 1000, tv_nsec: 0)]
                #expect(utimensat(AT_FDCWD, "\(bench.folder)/\(name)", &times, 0) == 0)
            }
            await bench.spool.sweep()
            #expect(await bench.inbox.find("1700.1")?.pages == 2)
            #expect(try bench.files == ["1700.9.tif", "broken.json.unreadable"])
        }
    }
}
