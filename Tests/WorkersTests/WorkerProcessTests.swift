import Glibc
import NIOCore
import NIOPosix
import Testing
import WorkerProtocol
import Workers

/// A shell stands for a worker: what matters is the process, its descriptors and its end.
@Suite struct WorkerProcessTests {
    private func run<Result: Sendable>(
        _ script: String, input: MemoryFile? = nil, deadline: Duration = .seconds(20),
        body: @escaping @Sendable (WorkerProcess.Inbound, WorkerProcess.Outbound) async throws -> Result
    ) async throws -> Result {
        try await WorkerProcess.run(
            executable: "/bin/sh", arguments: ["-c", script], input: input, deadline: deadline,
            group: MultiThreadedEventLoopGroup.singleton, body: body)
    }

    @Test func itsFramesArriveAndTheStreamEndsWithIt() async throws {
        let frames = try await run(#"printf 'J\000\000\000\002hiP\000\000\000\000'"#) { inbound, _ in
            var frames: [Frame] = []
            for try await frame in inbound { frames.append(frame) }
            return frames
        }
        #expect(frames == [Frame(kind: .message, payload: Array("hi".utf8)), Frame(kind: .page, payload: [])])
    }

    @Test func itHasTheDocumentOnDescriptorZero() async throws {
        let document = try MemoryFile()
        try document.append(Array("page".utf8))
        let payload = try await run(#"printf 'J\000\000\000\004'; cat"#, input: document) { inbound, _ in
            for try await frame in inbound { return frame.payload }
            return []
        }
        #expect(payload == Array("page".utf8))
    }

    @Test func itSeesNothingOfOurEnvironment() async throws {
        setenv("FAXLOCK_TEST_SECRET", "do not tell", 1)
        let names = try await run(#"n=$(env | grep -c SECRET); printf "J\000\000\000\001$n""#) { inbound, _ in
            for try await frame in inbound { return frame.payload }
            return []
        }
        #expect(names == Array("0".utf8))
    }

    @Test func itIsKilledAtItsDeadlineWithItsChildren() async throws {
        let pids = try await run(
            #"sleep 1000 & printf 'J\000\000\000\020%08d%08d' $$ $!; wait"#, deadline: .milliseconds(300)
        ) { inbound, _ in
            var text = ""
            for try await frame in inbound { text += String(decoding: frame.payload, as: UTF8.self) }
            return [text.prefix(8), text.suffix(8)].compactMap { Int32($0) }
        }
        try #require(pids.count == 2)
        // The shell was reaped before `run` returned; its child is an orphan and dies of the same signal.
        #expect(kill(pids[0], 0) != 0)
        #expect(await isGone(pids[1]))
    }

    @Test func itIsKilledWhenTheConversationIsOver() async throws {
        let pid = try await run(#"printf 'J\000\000\000\010%08d' $$; exec sleep 1000"#) { inbound, _ in
            for try await frame in inbound { return Int32(String(decoding: frame.payload, as: UTF8.self)) }
            return nil
        }
        let found = try #require(pid)
        #expect(kill(found, 0) != 0)
    }

    @Test func garbageIsAnErrorOfThisWorkerOnly() async throws {
        await #expect(throws: FrameDecoder.Failure.self) {
            try await run("printf 'garbage'") { inbound, _ in
                for try await _ in inbound {}
            }
        }
    }

    @Test func aMissingExecutableIsSaid() async throws {
        await #expect(throws: WorkerProcess.StartFailure.self) {
            try await WorkerProcess.run(
                executable: "/nonexistent/faxlock-line", input: nil, deadline: .seconds(5),
                group: MultiThreadedEventLoopGroup.singleton
            ) { _, _ in }
        }
    }

    /// Killed processes whose parent is gone are reaped by init in their own time.
    private func isGone(_ pid: Int32) async -> Bool {
        for _ in 0..<200 {
            if kill(pid, 0) != 0 { return true }
            // A zombie is as good as gone.
            if let state = try? String(decoding: readFile("/proc/\(pid)/stat"), as: UTF8.self), state.contains(") Z ") { return true }
            try? await Task.sleep(for: .milliseconds(10))
        }
        return false
    }

    private func readFile(_ path: String) throws -> [UInt8] {
        guard let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1024)
        return Array(bytes.prefix(fread(&bytes, 1, bytes.count, file)))
    }
}
