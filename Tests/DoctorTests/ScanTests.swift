import FaxModel
import Foundation
import Glibc
import Testing

@testable import Doctor

@Suite struct ScanTests {
    private static func inFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("faxlock-doctor-\(UUID())").path
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private static func write(_ bytes: [UInt8], _ path: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        chmod(path, 0o600)
    }

    private struct SplitMix {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
        mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }
    }

    @Test(arguments: [
        ("%PDF-1.7\n", PlaintextPattern.Kind.pdf), ("junk%PDF-2.0", .pdf), ("to=+15551230100 ", .number), ("\"+4930123456\"", .number),
    ])
    func plaintextIsSeen(text: String, kind: PlaintextPattern.Kind) {
        #expect(PlaintextPattern.find(in: Array(text.utf8)[...], isStart: false) == [kind])
    }

    @Test(arguments: [
        "%PDF", "+1555", "+155512301001234567", "x+15551230100", "/+15551230100=", "+15551230100a", "+05551230100",
        "2026-11-22T08:30:00.000+00:00", "II*", "MM",
    ])
    func whatIsNone(text: String) {
        #expect(PlaintextPattern.find(in: Array(text.utf8)[...], isStart: true).isEmpty)
    }

    @Test func TIFFInBothOrders() {
        for bytes: [UInt8] in [[0x49, 0x49, 42, 0, 8, 0, 0, 0], [0x4D, 0x4D, 0, 42, 0, 0, 0, 8]] {
            #expect(PlaintextPattern.find(in: ([1, 2, 3] + bytes)[...], isStart: false) == [.tiff])
            #expect(PlaintextPattern.find(in: bytes[..<4], isStart: true) == [.tiff])
            #expect(PlaintextPattern.find(in: bytes[..<4], isStart: false).isEmpty)
        }
    }

    /// Sealed bytes are as good as random ones.
    @Test func randomBytesHaveNone() {
        var random = SplitMix(state: 7)
        #expect(PlaintextPattern.find(in: random.bytes(1 << 21)[...], isStart: true).isEmpty)
    }

    @Test func filesAreReadAcrossPieces() throws {
        try Self.inFolder { folder in
            mkdir(folder + "/blobs", 0o700)
            var random = SplitMix(state: 9)
            try Self.write(random.bytes(3_000_000), folder + "/blobs/good")
            func run(limit: Int = 1 << 30) -> PlaintextScan.Report {
                PlaintextScan.run(data: folder, temporaries: [], user: getuid(), since: Timestamp(milliseconds: 0), limit: limit)
            }
            #expect(
                run()
                    == {
                        var report = PlaintextScan.Report(); report.files = 1; report.bytes = 3_000_000; return report
                    }())
            // At every place around the end of the first piece.
            for offset in stride(from: (1 << 20) - 30, through: (1 << 20) + 2, by: 4) {
                var bytes = random.bytes(1_100_000)
                bytes.replaceSubrange(offset..<offset + 8, with: Array("%PDF-1.4".utf8))
                try Self.write(bytes, folder + "/blobs/bad")
                let report = run()
                #expect(report.count == 1 && report.findings == ["\(folder)/blobs/bad: PDF"], "\(offset)")
            }
            try Self.write(random.bytes(3_000_000), folder + "/blobs/bad")
            let partial = run(limit: 1000)
            #expect(partial.partial == 2 && partial.files == 2 && partial.bytes == 2 << 20)
        }
    }

    /// Of temporary folders only the user's own new files are read, and their names are not repeated.
    @Test func temporaryFolders() throws {
        try Self.inFolder { folder in
            let (data, temporary) = (folder + "/data", folder + "/temporary")
            for path in [data, temporary] { mkdir(path, 0o700) }
            try Self.write(Array("%PDF-1.4 ".utf8), temporary + "/Jane Invented.pdf")
            let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
            func count(user: UInt32 = getuid(), since: Timestamp) -> PlaintextScan.Report {
                PlaintextScan.run(data: data, temporaries: [temporary], user: user, since: since, limit: 1 << 20)
            }
            let found = count(since: now.advanced(by: .seconds(-60)))
            #expect(found.count == 1 && found.findings.first?.contains("-inum") == true)
            #expect(!found.findings.joined().contains("Jane"))
            #expect(count(since: now.advanced(by: .seconds(60))).count == 0)
            #expect(count(user: getuid() + 1, since: now.advanced(by: .seconds(-60))).count == 0)
        }
    }

    /// A process may have temporary folders of its own; what it keeps shut is said.
    @Test(.enabled(if: getuid() != 0, "root may look everywhere"))
    func aFolderThatIsShut() throws {
        try Self.inFolder { folder in
            mkdir(folder + "/data", 0o700)
            mkdir(folder + "/shut", 0)
            defer { chmod(folder + "/shut", 0o700) }
            let report = PlaintextScan.run(
                data: folder + "/data", temporaries: ["/shut", "/absent"], root: folder, user: getuid(), since: Timestamp(milliseconds: 0),
                limit: 1 << 20)
            #expect(report.unreadable == 1 && report.count == 0)
        }
    }

    /// As seen by another process, which is this one.
    @Test func throughTheEyesOfTheProcess() throws {
        try Self.inFolder { folder in
            mkdir(folder + "/data", 0o700)
            mkdir(folder + "/temporary", 0o700)
            try Self.write(Array("%PDF-1.4 ".utf8), folder + "/temporary/x")
            let report = PlaintextScan.run(
                data: folder + "/data", temporaries: [folder + "/temporary"], root: "/proc/\(getpid())/root", user: getuid(),
                since: Timestamp(milliseconds: 0), limit: 1 << 20)
            #expect(report.count == 1 && report.findings[0].hasPrefix("/proc/"))
        }
    }

    /// A link leads nowhere, and a pipe is not waited for.
    @Test func linksAndPipes() throws {
        try Self.inFolder { folder in
            mkdir(folder + "/data", 0o700)
            try Self.write(Array("%PDF-1.4 ".utf8), folder + "/outside")
            symlink(folder + "/outside", folder + "/data/link")
            symlink(folder, folder + "/data/loop")
            mkfifo(folder + "/data/pipe", 0o600)
            let report = PlaintextScan.run(
                data: folder + "/data", temporaries: [folder + "/absent"], user: getuid(), since: Timestamp(milliseconds: 0), limit: 1 << 20
            )
            #expect(report == PlaintextScan.Report())
        }
    }

    @Test func rightsOfOthers() throws {
        try Self.inFolder { folder in
            try Self.write([], folder + "/file")
            guard case .value(let none) = OpenFiles.find(in: folder) else { return #expect(Bool(false)) }
            #expect(none.isEmpty)
            chmod(folder + "/file", 0o604)
            guard case .value(let found) = OpenFiles.find(in: folder) else { return #expect(Bool(false)) }
            #expect(found == [folder + "/file"])
            guard case .unknown = OpenFiles.find(in: folder + "/absent") else { return #expect(Bool(false)) }
        }
    }

    @Test(arguments: [
        "fax to +15551230100", "to=15551230100", "number: 5551230100,", "call (555) 123-0100 now", "555-123-0100", "555.123.0100",
        "555 123 0100", "by jane@clinic.example.org", "{\"to\":\"+15551230100\"}", "1234567",
    ])
    func logLinesThatShow(line: String) {
        #expect(LogScan.isSuspicious(Array(line.utf8)))
    }

    @Test(arguments: [
        "2026-11-22T08:30:00+0000 info faxlock : fax=01a20178abd48b6d0bf4316f61bd6268 attempt=1", "2026-11-22 08:30:00.123456",
        "bytes=12345678", "127.0.0.1:8080", "10.20.30.40", "evidence=SIP 486", "call=0123456789abcdef", "version 1.2.3",
        "events=1000000 blobs: 12", "14400 bit/s", "port 54321", "error: errno 28", "fe80::1", "", "a@b", "@",
    ])
    func logLinesThatDoNot(line: String) {
        #expect(!LogScan.isSuspicious(Array(line.utf8)))
    }

    @Test func logsAreReadToTheirEnds() throws {
        try Self.inFolder { folder in
            try Self.write(Array("one\ntwo +15551230100\n\nlast 5551230100".utf8), folder + "/log")
            guard case .value(let report) = LogScan.run([folder + "/log"]) else { return #expect(Bool(false)) }
            #expect(report.lines == 4 && report.count == 2 && report.places == ["\(folder)/log:2", "\(folder)/log:4"])
            guard case .unknown(let why) = LogScan.run([folder + "/absent"]) else { return #expect(Bool(false)) }
            #expect(why.contains("absent"))
        }
    }
}
