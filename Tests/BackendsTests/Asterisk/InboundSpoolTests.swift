import Backends
import Foundation
import Glibc
import Testing
import Workers

@Suite(.timeLimit(.minutes(10))) struct InboundSpoolTests {
    private typealias Bench = InboundSpoolBench

    @Test func aWholeFax() async throws {
        try await Bench.with { bench in
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
        try await Bench.with { bench in
            try bench.put("1700.1.tif", [1, 2])
            _ = try await bench.spool.take(bench.notice(status: status, pages: pages))
            #expect(await bench.inbox.lastFlags == [false, false])
            #expect(await bench.inbox.broken == 1)
            // Asterisk told the sender of more pages than there are.
            #expect(try bench.files == (pages > 2 ? ["1700.1.tif.unreadable"] : []))
        }
    }

    @Test func toldAgainItIsTheSameFax() async throws {
        try await Bench.with { bench in
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
        try await Bench.with { bench in
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
        try await Bench.with { bench in
            await bench.inbox.know("1700.1", pages: 1)
            try bench.put("1700.1.tif", [1, 2])
            _ = try await bench.spool.take(bench.notice())
            #expect(await bench.inbox.find("1700.1")?.pages == 2)
            // A file that has no more than is known is not.
            await bench.inbox.know("1700.2", pages: 1)
            try bench.put("1700.2.tif", [1])
            _ = try await bench.spool.take(bench.notice("/spool/in/1700.2.tif", id: "1700.2"))
            #expect(await bench.inbox.calls.count == 1)
            #expect(try bench.files == ["1700.2.tif.unreadable"])
        }
    }

    /// The reader's process was killed: what it handed over is no whole fax, and the file has the rest.
    @Test func aReaderThatDiesLosesNoPage() async throws {
        try await Bench.with { bench in
            try bench.put("1700.1.tif", [1, 255])
            try bench.putNotice(pages: 2)
            await #expect(throws: TIFFPageReader.Cut(pages: 1)) { try await bench.spool.take(bench.notice()) }
            #expect(await bench.inbox.calls.isEmpty)
            #expect(try bench.files == ["1700.1.json", "1700.1.tif"])
            // It had been short of memory.
            try bench.put("1700.1.tif", [1, 2])
            await bench.spool.sweep()
            #expect(await bench.inbox.find("1700.1")?.pages == 2)
            #expect(await bench.inbox.lastFlags == [false, true])
            #expect(try bench.files == [])
        }
    }

    /// A file on which the reader dies each time: what can be read is delivered, and the file stays.
    @Test(arguments: [[1, 2, 255, 4], [255, 4]] as [[UInt8]])
    func aFileOnWhichTheReaderAlwaysDies(bytes: [UInt8]) async throws {
        try await Bench.with { bench in
            try bench.put("1700.1.tif", bytes)
            try bench.putNotice(pages: 4)
            for _ in 0..<2 {
                await bench.spool.sweep()
                #expect(await bench.inbox.calls.isEmpty)
                #expect(try bench.files == ["1700.1.json", "1700.1.tif"])
            }
            await bench.spool.sweep()
            #expect(await bench.inbox.find("1700.1")?.pages == (bytes[0] == 1 ? 2 : nil))
            #expect(await bench.inbox.lastFlags == (bytes[0] == 1 ? [false, false] : []))
            #expect(try bench.files == ["1700.1.tif.unreadable"])
        }
    }

    /// Of a known fax, a file that cannot be read to its end is not removed either.
    @Test func aReaderThatDiesOnAKnownFax() async throws {
        try await Bench.with { bench in
            await bench.inbox.know("1700.1", pages: 1)
            try bench.put("1700.1.tif", [1, 255])
            for _ in 0..<2 {
                await #expect(throws: TIFFPageReader.Cut(pages: 1)) { try await bench.spool.take(bench.notice()) }
                #expect(try bench.files == ["1700.1.tif"])
            }
            _ = try await bench.spool.take(bench.notice())
            #expect(await bench.inbox.calls.isEmpty)
            #expect(try bench.files == ["1700.1.tif.unreadable"])
        }
    }

    @Test(arguments: [Admission.unknownNumber, .retiredNumber])
    func aRefusedNumbersFaxIsDestroyed(admission: Admission) async throws {
        try await Bench.with { bench in
            await bench.inbox.setAdmission(admission)
            try bench.put("1700.1.tif", [1, 2])
            try bench.put("1700.1.json", [])
            let taken = try await bench.spool.take(bench.notice())
            #expect(taken == .refused)
            #expect(try bench.files == [])
            #expect(await bench.inbox.calls.isEmpty)
            // Told again, there is nothing, and nothing is recorded once more.
            #expect(await bench.failure(bench.notice()) == .missing)
            #expect(await bench.inbox.asked == 1)
        }
    }

    @Test func whileReceivingIsOffTheFileStays() async throws {
        try await Bench.with { bench in
            await bench.inbox.setAdmission(.notReceiving)
            try bench.put("1700.1.tif", [1])
            #expect(await bench.failure(bench.notice()) == .notReceiving)
            #expect(try bench.files == ["1700.1.tif"])
        }
    }

    @Test func aFullDatabaseKeepsTheFile() async throws {
        try await Bench.with { bench in
            await bench.inbox.setFull(true)
            try bench.put("1700.1.tif", [1, 2])
            await #expect(throws: Bench.TestInbox.Full.self) { try await bench.spool.take(bench.notice()) }
            #expect(try bench.files == ["1700.1.tif"])
            await bench.inbox.setFull(false)
            _ = try await bench.spool.take(bench.notice())
            #expect(await bench.inbox.find("1700.1")?.pages == 2)
        }
    }

    /// The file still has every page, so what came of it is dropped and not delivered as a fax of its own.
    @Test func aDatabaseErrorInMidFileDeliversNothing() async throws {
        try await Bench.with { bench in
            try bench.put("1700.1.tif", [1, 2, 3])
            await bench.inbox.refuse(page: 1)
            await #expect(throws: Bench.TestInbox.Full.self) { try await bench.spool.take(bench.notice(pages: 3)) }
            #expect(await bench.inbox.pages.count == 1)
            #expect(await bench.inbox.broken == 0)
            #expect(await bench.inbox.abandoned == 1)
            #expect(await bench.inbox.find("1700.1") == nil)
            await bench.inbox.refuse(page: nil)
            _ = try await bench.spool.take(bench.notice(pages: 3))
            #expect(await bench.inbox.find("1700.1")?.pages == 3)
            #expect(await bench.inbox.broken == 0)
            #expect(await bench.inbox.abandoned == 1)
            #expect(try bench.files == [])
        }
    }

    /// A lease makes opening fail (EAGAIN), as a lack of descriptors or memory would.
    private struct Lease {
        private static let set: Int32 = 1024
        private static let write: Int32 = 1
        private static let none: Int32 = 2
        private let descriptor: Int32

        /// Nil where the file system has none.
        init?(_ path: String) {
            // The kernel's question for it would end the process.
            signal(SIGIO, SIG_IGN)
            descriptor = open(path, O_RDWR | O_CLOEXEC)
            guard descriptor >= 0, fcntl(descriptor, Self.set, Self.write) == 0 else {
                if descriptor >= 0 { close(descriptor) }
                return nil
            }
        }

        /// A process that is being started may have a copy of the descriptor for a moment: closing alone would not do.
        func end() {
            _ = fcntl(descriptor, Self.set, Self.none)
            close(descriptor)
        }

        static var isPossible: Bool {
            let path = FileManager.default.temporaryDirectory.path + "/faxlock-lease-\(UUID())"
            guard FileManager.default.createFile(atPath: path, contents: Data("x".utf8)) else { return false }
            defer { try? FileManager.default.removeItem(atPath: path) }
            guard let lease = Lease(path) else { return false }
            lease.end()
            return true
        }
    }

    @Test(.enabled(if: Lease.isPossible, "the temporary folder's file system has no leases"), arguments: ["1700.1.tif", "1700.1.json"])
    func aPassingErrorPutsNothingAside(name: String) async throws {
        try await Bench.with { bench in
            try bench.put("1700.1.tif", [1, 2])
            try bench.putNotice(pages: 2)
            let lease = try #require(Lease("\(bench.folder)/\(name)"))
            await bench.spool.sweep()
            #expect(try bench.files == ["1700.1.json", "1700.1.tif"])
            if name.hasSuffix(".tif") {
                await #expect(throws: SpoolFolder.Failure.self) { try await bench.spool.take(bench.notice()) }
            }
            #expect(await bench.inbox.asked == 0)
            lease.end()
            await bench.spool.sweep()
            #expect(await bench.inbox.find("1700.1")?.pages == 2)
            #expect(try bench.files == [])
        }
    }

    /// Asterisk died in mid-call: whom the pages are for is not known, and nobody but a person may say so.
    @Test func aFileWithoutANoticeIsPutAsideInTheEnd() async throws {
        try await Bench.with { bench in
            for name in ["1700.1.tif", "1700.2.tiff", "1700.3.tif"] { try bench.put(name, [1]) }
            try bench.put("1700.4.result", [])
            #expect(symlink("1700.1.tif", bench.folder + "/1700.5.tif") == 0)
            bench.age("1700.2.tiff", "1700.3.tif", "1700.4.result")
            // Of the third there is a notice that is still being told.
            try bench.put("1700.3.json", [])
            await bench.spool.sweep()
            #expect(
                try bench.files == [
                    "1700.1.tif", "1700.2.tiff.unreadable", "1700.3.json", "1700.3.tif", "1700.4.result", "1700.5.tif.unreadable",
                ])
            #expect(await bench.inbox.asked == 0)
        }
    }

    @Test func anUnreadableFileIsPutAside() async throws {
        try await Bench.with { bench in
            try bench.put("1700.1.tif", [0, 0])
            try bench.put("1700.1.json", [])
            #expect(await bench.failure(bench.notice()) == .unreadable)
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
        try await Bench.with { bench in
            try Data([1]).write(to: URL(fileURLWithPath: bench.folder + "/../secret.tif"))
            guard case .invalid? = await bench.failure(bench.notice(path)) else {
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
        try await Bench.with { bench in
            let secret = bench.folder + "/../secret.tif"
            try Data([1, 2]).write(to: URL(fileURLWithPath: secret))
            let path = bench.folder + "/1700.1.tif"
            switch kind {
            case "link": #expect(symlink("../secret.tif", path) == 0)
            case "name": #expect(link(secret, path) == 0)
            case "folder": #expect(mkdir(path, 0o700) == 0)
            default: #expect(mkfifo(path, 0o600) == 0)
            }
            guard case .invalid(let reason)? = await bench.failure(bench.notice()) else {
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
        try await Bench.with { bench in
            try bench.put("1700.1.tif", [1])
            #expect(truncate(bench.folder + "/1700.1.tif", 1 << 40) == 0)
            guard case .invalid? = await bench.failure(bench.notice()) else {
                Issue.record("it was not refused")
                return
            }
        }
    }

    @Test(arguments: ["", "../x", "a b", "a\nb", ".x", String(repeating: "1", count: 101), "a/b", "é"])
    func idsThatAreNone(id: String) async throws {
        try await Bench.with { bench in
            try bench.put("1700.1.tif", [1])
            guard case .invalid? = await bench.failure(bench.notice(id: id)) else {
                Issue.record("it was not refused")
                return
            }
        }
    }

    @Test func whatCouldNotBeToldIsFound() async throws {
        try await Bench.with { bench in
            try bench.put("1700.1.tif", [1, 2])
            try bench.putNotice(pages: 2)
            #expect(utimensat(AT_FDCWD, bench.folder + "/1700.1.json", nil, 0) == 0)
            try bench.put("broken.json", Array("{".utf8))
            try bench.put("1700.9.tif", [1])
            // It may still be told of.
            await bench.spool.sweep()
            #expect(await bench.inbox.calls.isEmpty)
            bench.age("1700.1.json", "broken.json")
            await bench.spool.sweep()
            #expect(await bench.inbox.find("1700.1")?.pages == 2)
            #expect(try bench.files == ["1700.9.tif", "broken.json.unreadable"])
        }
    }
}
