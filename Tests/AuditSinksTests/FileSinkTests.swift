import AuditSinks
import Foundation
import Glibc
import Testing

@Suite struct FileSinkTests {
    private func sink(_ folder: TemporaryFolder, _ name: String = "audit.log", format: AuditFormat = .json) -> FileSink {
        FileSink(path: folder.file(name), formatter: .sample(format))
    }

    private func lines(_ records: [AuditRecord], format: AuditFormat = .json) -> [String] {
        records.map { AuditFormatter.sample(format).text($0) }
    }

    @Test(arguments: AuditFormat.allCases)
    func recordsAndCheckpointsAreLinesInOrder(format: AuditFormat) async throws {
        try await TemporaryFolder.with { folder in
            let records = SampleRecords.ledger(20, checkpointEvery: 8)
            let sink = sink(folder, format: format)
            for record in records { try await sink.deliver([record]) }
            await sink.close()
            #expect(folder.lines("audit.log") == lines(records, format: format))
            #expect(folder.bytes("audit.log").last == 0x0A)
            var status = stat()
            #expect(stat(folder.file("audit.log"), &status) == 0 && status.st_mode & 0o777 == 0o600)
        }
    }

    @Test func theAnchorHasCheckpointsOnly() async throws {
        try await TemporaryFolder.with { folder in
            let sink = AnchorFileSink(path: folder.file("anchor"))
            try await sink.deliver(SampleRecords.ledger(20, checkpointEvery: 8))
            let notes = try folder.lines("anchor").map { try JSONDecoder().decode([String: String].self, from: Data($0.utf8)) }
            #expect(notes == [["note": SampleRecords.note(8)], ["note": SampleRecords.note(16)]])
        }
    }

    /// As a crash leaves it, by another process and by this one.
    @Test func aTornLineDamagesNoOther() async throws {
        try await TemporaryFolder.with { folder in
            let records = SampleRecords.ledger(3)
            _ = try folder.write(#"{"v":1,"seq":0,"ts":"20"#, to: "audit.log")
            let sink = sink(folder)
            try await sink.deliver(records)
            let file = open(folder.file("audit.log"), O_WRONLY | O_APPEND)
            #expect(write(file, "torn", 4) == 4)
            Glibc.close(file)
            try await sink.deliver(records)
            #expect(folder.lines("audit.log") == [#"{"v":1,"seq":0,"ts":"20"#] + lines(records) + ["torn"] + lines(records))
        }
    }

    @Test func aRotatedFileIsLeftAndANewOneMade() async throws {
        try await TemporaryFolder.with { folder in
            let records = SampleRecords.ledger(4)
            let sink = sink(folder)
            try await sink.deliver([records[0]])
            #expect(rename(folder.file("audit.log"), folder.file("audit.log.1")) == 0)
            try await sink.deliver([records[1]])
            // By a new file of that name, as `create` in logrotate makes it.
            #expect(rename(folder.file("audit.log"), folder.file("audit.log.2")) == 0)
            _ = try folder.write("", to: "audit.log")
            try await sink.deliver([records[2]])
            // As `copytruncate` does it.
            #expect(truncate(folder.file("audit.log"), 0) == 0)
            try await sink.deliver([records[3]])
            #expect(folder.lines("audit.log.1") == lines([records[0]]))
            #expect(folder.lines("audit.log.2") == lines([records[1]]))
            #expect(folder.bytes("audit.log") == Array((lines([records[3]])[0] + "\n").utf8))
        }
    }

    @Test func whatIsNoFileIsRefusedAndNothingHangs() async throws {
        try await TemporaryFolder.with { folder in
            let record = SampleRecords.leaf(0)
            #expect(mkdir(folder.file("folder"), 0o700) == 0)
            #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
            _ = try folder.write("", to: "target")
            #expect(symlink(folder.file("target"), folder.file("link")) == 0)
            for (name, word) in [
                ("folder", "errno \(EISDIR)"), ("pipe", "not a regular file"), ("link", "symbolic link"),
                ("missing/audit.log", "no such folder"),
            ] {
                let error = await #expect(throws: AuditSinkError.self) { try await sink(folder, name).deliver([record]) }
                #expect(error?.description.contains(word) == true, "\(error?.description ?? "")")
            }
            #expect(folder.bytes("target").isEmpty)
        }
    }

    @Test(.enabled(if: geteuid() != 0, "root may write everywhere"))
    func aFileThatMayNotBeWrittenIsAnErrorThatSaysSo() async throws {
        try await TemporaryFolder.with { folder in
            _ = try folder.write("", to: "audit.log")
            #expect(chmod(folder.file("audit.log"), 0o400) == 0)
            let error = await #expect(throws: AuditSinkError.self) { try await sink(folder).deliver([SampleRecords.leaf(0)]) }
            #expect(error?.description.contains("no permission") == true)
        }
    }

    @Test(.enabled(if: SmallDisk.isPossible, "mounting a small tmpfs takes root with CAP_SYS_ADMIN"))
    func aFullDiskIsAnErrorAndNothingIsLostWhenThereIsRoomAgain() async throws {
        try await TemporaryFolder.with { folder in
            let disk = try SmallDisk(at: folder.file("disk"))
            defer { disk.unmount() }
            let long = SampleRecords.leaf(0, details: #"{"n":"\#(String(repeating: "x", count: 30_000))"}"#)
            let sink = sink(folder, "disk/audit.log")
            try await sink.deliver([long])
            let error = await #expect(throws: AuditSinkError.self) {
                for _ in 0..<10 { try await sink.deliver([long]) }
            }
            #expect(error?.description.contains("no space is left") == true)
            try disk.grow()
            try await sink.deliver([long, SampleRecords.leaf(1)])
            let written = folder.lines("disk/audit.log")
            #expect(written.suffix(2) == lines([long, SampleRecords.leaf(1)])[...])
            // The line that did not fit stands by itself.
            let whole = lines([long])[0]
            #expect(written.dropLast(2).allSatisfy { whole.hasPrefix($0) })

            await sink.close()
            // The thread of the pool may still hold the file for a moment.
            _ = try await eventually("nothing is open") { disk.makeReadOnly() ? true : nil }
            let readOnly = await #expect(throws: AuditSinkError.self) { try await self.sink(folder, "disk/audit.log").deliver([long]) }
            #expect(readOnly?.description.contains("no permission") == true)
        }
    }
}

/// A file system of 128 KiB.
private struct SmallDisk {
    let path: String

    static let isPossible: Bool = {
        guard geteuid() == 0 else { return false }
        let path = NSTemporaryDirectory() + "faxlock-mount-\(getpid())"
        defer { rmdir(path) }
        guard let disk = try? SmallDisk(at: path) else { return false }
        disk.unmount()
        return true
    }()

    init(at path: String) throws {
        mkdir(path, 0o700)
        guard mount("tmpfs", path, "tmpfs", 0, "size=128k") == 0 else { throw POSIXError(.EPERM) }
        self.path = path
    }

    func grow() throws {
        try #require(mount("tmpfs", path, "tmpfs", UInt(MS_REMOUNT), "size=1m") == 0)
    }

    /// Fails while a file is open for writing.
    func makeReadOnly() -> Bool {
        let flags = UInt(MS_REMOUNT | MS_RDONLY | MS_BIND)
        return mount("tmpfs", path, "tmpfs", flags, "") == 0
    }

    func unmount() {
        umount2(path, Int32(MNT_DETACH))
    }
}
