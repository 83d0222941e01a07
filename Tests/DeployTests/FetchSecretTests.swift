import FoundationEssentials
import Testing

/// deploy/secrets/fetch-secret.sh with stand-ins for the managers' programs, which note their arguments.
@Suite(.timeLimit(.minutes(10))) struct FetchSecretTests {
    private static let programs = ["vault": "vault", "aws": "aws", "gcp": "gcloud", "azure": "az"]

    private func fetch(_ manager: String, _ name: String, in folder: TemporaryFolder, answering answer: String) async throws
        -> Program.Result
    {
        for program in Self.programs.values {
            try folder.write("#!/bin/sh\necho \"$@\" >'\(folder.path)/arguments'\n\(answer)\n", to: "bin/\(program)", mode: 0o700)
        }
        try FileManager.default.createDirectory(atPath: "\(folder.path)/run", withIntermediateDirectories: false)
        let script = "\(Deploy.folder)/secrets/fetch-secret.sh"
        return try await Program.shell.run(
            [script, manager, name, "\(folder.path)/run"],
            environment: ["PATH": "\(folder.path)/bin:/usr/bin:/bin", "AZURE_VAULT": "example"])
    }

    @Test(arguments: ["vault", "aws", "gcp", "azure"]) func writesWhatTheManagerGives(manager: String) async throws {
        try await TemporaryFolder.with { folder in
            let result = try await fetch(manager, "faxlock.key", in: folder, answering: "printf 'first line\\nsecond line\\n'")
            #expect(result.status == 0 && result.text.isEmpty, "\(result.text)")
            #expect(try folder.text("run/faxlock.key") == "first line\nsecond line\n")
            let mode = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/run/faxlock.key")[.posixPermissions] as? Int
            #expect(mode == 0o600)
            #expect(try folder.text("arguments").contains("faxlock-faxlock-key"))
        }
    }

    /// A manager that fails, or gives nothing, leaves no file: the start of the server fails, not its sealing.
    @Test(arguments: ["echo partly; exit 1", "exit 0"]) func leavesNothingAfterAFailure(answer: String) async throws {
        try await TemporaryFolder.with { folder in
            let result = try await fetch("vault", "api-key", in: folder, answering: answer)
            #expect(result.status != 0)
            #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/run").isEmpty)
        }
    }

    @Test(arguments: [("MANAGER", "faxlock.key"), ("vault", "../etc/passwd"), ("vault", "other")])
    func refusesWhatItDoesNotKnow(manager: String, name: String) async throws {
        try await TemporaryFolder.with { folder in
            let result = try await fetch(manager, name, in: folder, answering: "echo secret")
            #expect(result.status == 64)
            #expect(!folder.exists("arguments"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/run").isEmpty)
        }
    }

    /// The unit as it is shipped names no manager.
    @Test func unitNamesNoManager() throws {
        #expect(try Deploy.text("secrets/faxlock-secret@.service").contains("fetch-secret.sh MANAGER %i "))
    }
}
