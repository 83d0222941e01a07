import Foundation
import Glibc
import NIOHTTP1
import Testing

extension EndToEnd {
    /// A full disk refuses work; it does not lose any.
    @Suite struct FullDiskTests {
        @Test(.enabled(if: SmallDisk.isPossible, "mounting a small tmpfs takes root with CAP_SYS_ADMIN"))
        func aFullDiskRefusesAndLosesNothing() async throws {
            try await TemporaryFolder.with { folder in
                let disk = try SmallDisk(at: folder.path + "/disk", mebibytes: 32)
                defer { disk.unmount() }
                let settings = ["FAXLOCK_KEY_FILE": folder.path + "/key"]
                try await ServerProcess.with(folder, data: disk.path + "/data", settings: settings) { server in
                    let client = server.client
                    let first = try await client.send(SampleDocuments.text("Before"), to: "+15551230160")
                    #expect(try await client.end(of: first.id).status == "SUCCESS")
                    let received = try await client.receivedFax(of: first.id)
                    // In the middle of rendering and waiting for it when the disk gets full.
                    let waiting = try await Self.sendLongFaxes(through: client)
                    _ = try await client.fax(waiting[0], "rendering has begun") { $0.state == "rendering" }
                    try disk.fill()
                    _ = try await eventually("the server meets the full disk", within: .seconds(20)) {
                        server.log.contains("a fax is held up") ? true : nil
                    }

                    let refused = try await client.submit(Self.long, to: "+15551230168")
                    #expect(refused.status == 503 && refused.detail.contains("storage is full"), "\(refused.status) \(refused.detail)")
                    #expect(try await client.fax(first.id).status == "SUCCESS")
                    // An opening is recorded (the database may have room for one more event) or does not happen: not a byte leaves then.
                    let opening = try await client.call(.GET, "/inbound/\(received)/pdf")
                    let isOpen = opening.status == 200
                    #expect(isOpen || opening.status == 503 && !opening.body.starts(with: Array("%PDF".utf8)), "\(opening.status)")

                    try disk.free()
                    #expect(try await client.receivedPDF(of: received).count > 500)
                    let events = try await client.call(.GET, "/admin/audit/events?object=fax/\(received)&action=content.released")
                    #expect(events.body.split(separator: UInt8(ascii: "\n")).count == (isOpen ? 2 : 1))
                    for id in waiting {
                        let fax = try await client.end(of: id)
                        // A call whose progress could not be written down ends unknown, which is true.
                        #expect(["delivered", "unknown"].contains(fax.state), "\(fax.state): \(fax.error ?? "")")
                    }
                    let last = try await client.send(Self.long, to: "+15551230169")
                    #expect(try await client.end(of: last.id).status == "SUCCESS")
                    #expect(try await client.received(at: "+15551230169").count == 1)
                }
            }
        }

        private static func sendLongFaxes(through client: GatewayClient) async throws -> [String] {
            let lines = (1...40).map { "Line \($0): 0123456789 0123456789 0123456789 0123456789" }
            var ids: [String] = []
            for index in 1...3 {
                let document = SampleDocuments.pdf(pages: 8) { page in ["Fax \(index), page \(page)"] + lines }
                ids.append(try await client.send(document, to: "+1555123016\(index)").id)
            }
            return ids
        }

        /// More than the last free block of a disk.
        private static let long = [UInt8](repeating: 0x78, count: 20_000)
    }
}

/// A file system of a few MiB.
private struct SmallDisk {
    let path: String

    static let isPossible: Bool = {
        guard geteuid() == 0 else { return false }
        var template = Array("/tmp/faxlock-mount-XXXXXX".utf8CString)
        guard template.withUnsafeMutableBufferPointer({ mkdtemp($0.baseAddress!) }) != nil else { return false }
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { rmdir(path) }
        guard let disk = try? SmallDisk(at: path, mebibytes: 1) else { return false }
        disk.unmount()
        return true
    }()

    init(at path: String, mebibytes: Int) throws {
        mkdir(path, 0o700)
        guard mount("tmpfs", path, "tmpfs", 0, "size=\(mebibytes)m") == 0 else { throw POSIXError(.EPERM) }
        self.path = path
    }

    /// Takes all room that is left.
    func fill() throws {
        let file = open(path + "/filler", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        try #require(file >= 0)
        defer { close(file) }
        for size in [65_536, 4096, 1] {
            let bytes = [UInt8](repeating: 0, count: size)
            while write(file, bytes, size) > 0 {}
        }
        try #require(errno == ENOSPC)
    }

    func free() throws {
        try #require(unlink(path + "/filler") == 0)
    }

    func unmount() {
        umount2(path, Int32(MNT_DETACH))
    }
}
