import Foundation
import NIOPosix
import Testing

/// A moto server that checks signatures, started for a suite and ended with it.
struct KMSServer: Sendable, Decodable {
    struct Credentials: Sendable, Decodable {
        let id: String
        let secret: String
        let token: String?
    }

    let port: Int
    let key: String
    let arn: String
    let alias: String
    let otherKey: String
    /// May encrypt and decrypt.
    let server: Credentials
    /// May encrypt only.
    let encryptOnly: Credentials
    /// Of a role, with a session token.
    let temporary: Credentials

    @TaskLocal static var current: KMSServer?

    static let python = ProcessInfo.processInfo.environment["FAXLOCK_TEST_PYTHON"]

    /// Whether there is a Python with moto and boto3.
    static let isAvailable: Bool = {
        guard let python else { return false }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = [
            "-c", "import importlib.util, sys; sys.exit(not all(map(importlib.util.find_spec, ['moto', 'boto3', 'flask'])))",
        ]
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()
}

/// Runs a suite's tests while one server runs.
struct WithKMSServer: SuiteTrait, TestScoping {
    struct NotStarted: Error {}

    func provideScope(for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void) async throws
    {
        let python = try #require(KMSServer.python)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = [URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/../kms_server.py"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        defer {
            // The script ends with its input; the signal is for one that hangs.
            try? input.fileHandleForWriting.close()
            process.terminate()
            process.waitUntilExit()
        }
        let facts = try await firstLine(of: output.fileHandleForReading)
        let server = try JSONDecoder().decode(KMSServer.self, from: facts)
        try await KMSServer.$current.withValue(server) { try await function() }
    }

    private func firstLine(of file: FileHandle) async throws -> Data {
        try await NIOThreadPool.singleton.runIfActive {
            var line = Data()
            while !line.contains(0x0A) {
                let more = file.availableData
                guard !more.isEmpty else { throw NotStarted() }
                line.append(more)
            }
            return line
        }
    }
}
