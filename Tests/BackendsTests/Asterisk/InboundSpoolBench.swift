import Backends
import FaxModel
import Foundation
import Glibc
import Logging
import Testing
import WorkerProtocol
import Workers

/// An inbound spool in a temporary folder, and an inbox that takes what comes of it.
struct InboundSpoolBench {
    /// What came into the inbox.
    actor TestInbox: Inbox, Reception {
        struct Full: Error {}

        var admission = Admission.accepted
        var isFull = false
        /// The page that the database does not take.
        var refusedPage: Int?
        private(set) var calls: [InboundCall] = []
        private(set) var asked = 0
        private(set) var pages: [FaxPage] = []
        private(set) var lastFlags: [Bool] = []
        private(set) var stored: [String: InboundSpool.Known] = [:]
        private(set) var broken = 0
        private(set) var abandoned = 0
        private var current: (call: InboundCall, pages: Int)?

        func setAdmission(_ admission: Admission) { self.admission = admission }
        func setFull(_ isFull: Bool) { self.isFull = isFull }
        func refuse(page: Int?) { refusedPage = page }
        func know(_ reference: String, pages: Int) { stored[reference] = .init(id: Self.id(0), pages: pages) }
        func find(_ reference: String) -> InboundSpool.Known? { stored[reference] }

        func knows(number: String) -> Bool { true }

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
            if isFull || report.page == refusedPage { throw Full() }
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

        func abandon() {
            abandoned += 1
            current = nil
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

    let spool: InboundSpool
    let inbox: TestInbox
    let folder: String

    /// A "TIFF" here is a byte a page, 0 is one that cannot be read, and at 255 the reader dies.
    func put(_ name: String, _ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }

    /// Makes a file as old as many a year.
    func age(_ names: String...) {
        for name in names {
            var times = [timespec(tv_sec: 1000, tv_nsec: 0), timespec(tv_sec: 1000, tv_nsec: 0)]
            #expect(utimensat(AT_FDCWD, "\(folder)/\(name)", &times, 0) == 0)
        }
    }

    /// The notice that the dialplan leaves.
    func putNotice(pages: Int, id: String = "1700.1") throws {
        let json = """
            {"tiff_path":"/spool/in/\(id).tif","to_number":"+15551230150","from_number":"","faxstatus":"SUCCESS",\
            "faxpages":"\(pages)","uniqueid":"\(id)","station":""}
            """
        try put("\(id).json", Array(json.utf8))
        age("\(id).json")
    }

    var files: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: folder).sorted() } }

    func notice(_ path: String = "/spool/in/1700.1.tif", status: String = "SUCCESS", pages: Int = 2, id: String = "1700.1")
        -> InboundSpool.Notice
    {
        .init(
            tiff_path: path, to_number: "+15551230150", from_number: "+15551230101", faxstatus: status, faxpages: pages, uniqueid: id,
            station: "+1555\r\n12301; 01")
    }

    static func with(_ body: (InboundSpoolBench) async throws -> Void) async throws {
        let base = FileManager.default.temporaryDirectory.path + "/faxlock-inbound-\(UUID())"
        try FileManager.default.createDirectory(atPath: base + "/in", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: base) }
        let inbox = TestInbox()
        let spool = InboundSpool(
            folder: try SpoolFolder(path: base + "/in"), path: "/spool/in", inbox: inbox,
            reader: { image, page in
                for (index, byte) in try image.read(at: 0, count: 1000).enumerated() where byte != 0 {
                    if byte == 255 { throw TIFFPageReader.Cut(pages: index) }
                    try await page(AsteriskBench.page(Int(byte)))
                }
            },
            find: { await inbox.find($0) }, logger: Logger(label: "test"))
        try await body(InboundSpoolBench(spool: spool, inbox: inbox, folder: base + "/in"))
    }

    /// Why a notice was not taken.
    func failure(_ notice: InboundSpool.Notice) async -> InboundSpool.Failure? {
        do {
            _ = try await spool.take(notice)
            return nil
        } catch {
            return error as? InboundSpool.Failure
        }
    }
}
