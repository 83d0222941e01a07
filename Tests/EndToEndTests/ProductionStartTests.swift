import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// `FAXLOCK_PROFILE=production` insists on safe settings before anything is made.
    @Suite struct ProductionStartTests {
        @Test func everyReasonAtOnce() async throws {
            try await TemporaryFolder.with { folder async throws in
                let data = folder.path + "/data"
                let result = try await Command.faxlock(
                    "serve", "--port", "0", "--data", data,
                    environment: [
                        "FAXLOCK_PROFILE": "production", "FAXLOCK_HOST": "0.0.0.0", "AUDIT_LOG_ENABLED": "false",
                        "PHAXIO_API_SECRET": "hunter2-changeme", "PHAXIO_VERIFY_SIGNATURE": "false", "ASTERISK_AMI_HOST": "203.0.113.5",
                        "PUBLIC_API_URL": "http://fax.example.org",
                    ])
                #expect(result.status == 78)
                for words in [
                    "0.0.0.0 can be reached", "AUDIT_LOG_ENABLED=false", "PHAXIO_API_SECRET is weak", "PHAXIO_VERIFY_SIGNATURE=false",
                    "203.0.113.5", "PUBLIC_API_URL is http://fax.example.org", "no API_KEY and no stored key", "volume of the data folder",
                ] { #expect(result.complaints.contains(words), "\(words): \(result.complaints)") }
                #expect(!result.complaints.contains("hunter2"))
                #expect(!FileManager.default.fileExists(atPath: data) && !FileManager.default.fileExists(atPath: data + ".key"))
            }
        }

        /// A good one starts, with the key in memory as a credential would be.
        @Test(.enabled(if: Self.isMemoryApart, "/dev/shm is another volume than /tmp"))
        func aGoodOneStarts() async throws {
            try await TemporaryFolder.with { folder async throws in
                let keys = "/dev/shm/faxlock-e2e-\(UUID())"
                mkdir(keys, 0o700)
                defer { try? FileManager.default.removeItem(atPath: keys) }
                let settings = [
                    "FAXLOCK_PROFILE": "production", "FAXLOCK_KEY_FILE": keys + "/faxlock.key",
                    "PUBLIC_API_URL": "https://fax.example.org",
                ]
                try await ServerProcess.with(folder, settings: settings) { server async throws in
                    #expect(try await server.client.isHealthy)
                    #expect(server.log.contains("FAXLOCK_REQUIRE_REASON=false"))
                }
                // The next start has a stored key or API_KEY; without both it refuses.
                let none = try await Command.faxlock(
                    "serve", "--port", "0", "--data", folder.path + "/data", environment: settings)
                #expect(none.status == 78 && none.complaints.contains("no stored key"), "\(none.complaints)")
            }
        }

        @Test func enforcedHTTPS() async throws {
            try await TemporaryFolder.with { folder async throws in
                let result = try await Command.faxlock(
                    "serve", "--port", "0", "--data", folder.path + "/data", environment: ["ENFORCE_PUBLIC_HTTPS": "true"])
                #expect(result.status == 78 && result.complaints.contains("ENFORCE_PUBLIC_HTTPS=true"))
            }
        }

        private static var isMemoryApart: Bool {
            var (memory, temporary) = (stat(), stat())
            return stat("/dev/shm", &memory) == 0 && stat("/tmp", &temporary) == 0 && memory.st_dev != temporary.st_dev
        }
    }
}
