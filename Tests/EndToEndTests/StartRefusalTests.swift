import Foundation
import Testing

extension EndToEnd {
    /// A server that cannot do its work says why and does not start: exit status 78 (EX_CONFIG).
    @Suite struct StartRefusalTests {
        @Test func aSecondServerOnTheSameFolder() async throws {
            try await ServerProcess.with { server in
                try await Self.expectRefusal(data: server.dataFolder, saying: "Another faxlock server is running", server.dataFolder)
                #expect(try await server.client.isHealthy)
            }
        }

        @Test func aWrongMissingOrOpenKeyFile() async throws {
            try await TemporaryFolder.with { folder in
                let id = try await ServerProcess.with(folder) { server in
                    try await server.client.send(SampleDocuments.text("Sealed"), to: "+15551230150").id
                }
                let (data, key) = (folder.path + "/data", folder.path + "/data.key")
                let right = try TemporaryFolder.read(key)

                try FileManager.default.removeItem(atPath: key)
                try await Self.expectRefusal(data: data, saying: "is missing", key)
                #expect(!FileManager.default.fileExists(atPath: key))

                // The key of another installation.
                try await TemporaryFolder.with { other in
                    try await ServerProcess.with(other) { _ in }
                    try FileManager.default.copyItem(atPath: other.path + "/data.key", toPath: key)
                }
                try await Self.expectRefusal(data: data, saying: "the data folder was sealed with key", key)

                try folder.write(Array("not a key\n".utf8), to: "data.key")
                try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
                try await Self.expectRefusal(data: data, saying: "must have two lines", key)

                try folder.write(right, to: "data.key")
                try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: key)
                try await Self.expectRefusal(data: data, saying: "group and others must have no rights", key)

                // None of this harmed anything.
                try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
                try await ServerProcess.with(folder) { server in
                    let fax = try await server.client.end(of: id)
                    #expect(["delivered", "unknown"].contains(fax.state))
                }
            }
        }

        @Test func aDataFolderThatCannotBeUsed() async throws {
            try await TemporaryFolder.with { folder in
                let file = try folder.write([], to: "file")
                try await Self.expectRefusal(data: file, saying: "is not a folder")
                try await Self.expectRefusal(data: file + "/data", saying: "cannot be used", "FAX_DATA_DIR")
                try await Self.expectRefusal(data: folder.path + "/absent/data", saying: "cannot be used", "FAX_DATA_DIR")
            }
        }

        @Test(.enabled(if: geteuid() != 0, "root may write everywhere"))
        func aDataFolderWithoutTheRightToWrite() async throws {
            try await TemporaryFolder.with { folder in
                let data = folder.path + "/locked"
                try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: false)
                try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: data)
                try await Self.expectRefusal(data: data, saying: "cannot be used", "Permission denied")
            }
        }

        @Test(arguments: [
            (["FAXLOCK_LINSE": "4"], ["FAXLOCK_LINSE", "there is no setting of this name"]),
            (["FAXLOCK_LINES": "many"], ["FAXLOCK_LINES", "a whole number from 1 to 256"]),
            (["FAXLOCK_RENDERERS": "0", "FAXLOCK_PAPER": "foolscap"], ["FAXLOCK_RENDERERS", "FAXLOCK_PAPER", "letter, a4"]),
            (["FAX_BACKEND": "phaxio"], ["FAX_BACKEND=phaxio", "FAX_BACKEND=line"]),
            (["FAXLOCK_FAILOVER_BACKEND": "sinch"], ["FAXLOCK_FAILOVER_BACKEND=sinch", "FAXLOCK_FAILOVER_BACKEND=line"]),
            (["FAXLOCK_FAILOVER_BACKEND": "line"], ["FAXLOCK_FAILOVER_BACKEND", "the same as FAX_BACKEND"]),
            (["FAXLOCK_FAILOVER_BACKEND": "sip"], ["needs trunks", "FAXLOCK_TRUNKS_FILE"]),
            (["FAX_BACKEND": "pigeon"], ["FAX_BACKEND", "expected one of"]),
            (["FAXLOCK_TRUNKS_FILE": "/nonexistent/trunks.json"], ["FAXLOCK_TRUNKS_FILE", "cannot be read"]),
            (["FAX_BACKEND": "sip"], ["ASTERISK_AMI_PASSWORD", "no default"]),
            (["FAX_BACKEND": "sip", "ASTERISK_AMI_PASSWORD": "changeme"], ["ASTERISK_AMI_PASSWORD", "weak"]),
            (["FAXLOCK_LOOPBACK_EXCHANGE": "false"], ["nowhere to call", "FAXLOCK_TRUNKS_FILE"]),
            (["FAXLOCK_CONFIG": "/nonexistent/faxlock.json"], ["FAXLOCK_CONFIG", "cannot read"]),
        ])
        func aWrongSetting(environment: [String: String], words: [String]) async throws {
            try await TemporaryFolder.with { folder in
                let data = folder.path + "/data"
                let result = try await Command.faxlock("serve", "--port", "0", "--data", data, environment: environment)
                #expect(result.status == 78)
                for word in words { #expect(result.complaints.contains(word), "\(result.complaints)") }
                #expect(!FileManager.default.fileExists(atPath: data))
            }
        }

        private static func expectRefusal(data: String, saying words: String...) async throws {
            let result = try await Command.faxlock("serve", "--port", "0", "--data", data, environment: ["API_KEY": ServerProcess.key])
            #expect(result.status == 78, "\(result.complaints)")
            for word in words { #expect(result.complaints.contains(word), "\(result.complaints)") }
            #expect(!result.output.contains("listens"))
        }
    }
}
