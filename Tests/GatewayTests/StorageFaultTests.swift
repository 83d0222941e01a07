import Glibc
import HTTPTypes
import HummingbirdTesting
import Store
import Synchronization
import Testing
import Vault

/// A disk that is full or fails: nothing is accepted that is not kept.
@Suite struct StorageFaultTests {
    /// A disk that answers with an error number while it is set.
    private final class Disk: Sendable {
        let error = Mutex<Int32>(0)

        var calls: FileCalls {
            var calls = FileCalls.system
            calls.write = { [self] in error.withLock { $0 } == 0 ? FileCalls.system.write($0, $1) : error.withLock { $0 } }
            calls.sync = { [self] in error.withLock { $0 } == 0 ? FileCalls.system.sync($0) : error.withLock { $0 } }
            calls.rename = { [self] in error.withLock { $0 } == 0 ? FileCalls.system.rename($0, $1, $2) : error.withLock { $0 } }
            return calls
        }
    }

    private static let small = TestForm.good
    private static let large = TestForm(
        .field("to", "+15551230100"), .file(TestForm.pdf + [UInt8](repeating: 0x20, count: 900_000)))

    @Test(arguments: [ENOSPC, EDQUOT]) func fullStorage(code: Int32) async throws {
        let disk = Disk()
        try await TestGateway.run(calls: disk.calls) { gateway, client in
            for form in [Self.small, Self.large] {
                disk.error.withLock { $0 = code }
                let response = try await client.send(form)
                #expect(response.status == .serviceUnavailable)
                #expect(response.detail == "The server's storage is full. Nothing was accepted; try again later.")
                #expect(response.headers[.retryAfter] == "60")
                try await gateway.expectNothing()
            }
            disk.error.withLock { $0 = 0 }
            #expect(try await client.send(Self.large).status == .accepted)
            #expect(try gateway.blobs().count == 1)
        }
    }

    @Test func aFailingDisk() async throws {
        let disk = Disk()
        try await TestGateway.run(calls: disk.calls) { gateway, client in
            for form in [Self.small, Self.large] {
                disk.error.withLock { $0 = EIO }
                let response = try await client.send(form)
                #expect(response.status == .internalServerError)
                #expect(response.detail == "The server failed to handle the request; its log says why.")
                try await gateway.expectNothing()
                disk.error.withLock { $0 = 0 }
            }
            #expect(gateway.logs.all.contains { $0.hasPrefix("error request failed") })
        }
    }

    /// The blob was durable, the row was not: the blob goes too.
    @Test func aFailingDatabase() async throws {
        try await TestGateway.run { gateway, client in
            // The document's epoch is known before; then nothing can be written.
            #expect(try await client.send(Self.small).status == .accepted)
            let before = try gateway.blobs()
            try gateway.store.close()
            #expect(try await client.send(Self.small).status == .internalServerError)
            #expect(try gateway.blobs() == before)
            #expect(gateway.wakes.count == 1)
        }
    }
}
