import FaxModel
import Testing
import WorkerProtocol

@testable import Backends

/// The sandbox without calls has the same outcomes as with them.
@Suite struct InstantBackendTests {
    @Test(
        arguments: [
            ("0001", .delivered, [0, 1, 2]), ("0002", .failed(.busy), []), ("0003", .failed(.noAnswer), []),
            ("0004", .failed(.protocolError), []), ("0005", .failed(.protocolError), [0]), ("0006", .failed(.notFax), []),
            ("0007", .failed(.unallocated), []), ("0008", .unknown, []), ("0009", .delivered, [0, 1, 2]),
            ("0010", .failed(.incapable), []), ("0011", .delivered, [0, 1, 2]), ("0012", .delivered, [0, 1, 2]),
            ("0013", .delivered, [0, 1, 2]), ("0014", .failed(.protocolError), [0, 1]), ("0015", .failed(.congestion), []),
            ("0016", .failed(.protocolError), []), ("4711", .delivered, [0, 1, 2]),
        ] as [(String, AttemptOutcome, [Int])])
    func `first calls`(number: String, outcome: AttemptOutcome, pages: [Int]) async throws {
        let call = try await SandboxCalls.send(SandboxCalls.pages(3), to: number, by: InstantBackend())
        #expect(call.result.outcome == outcome)
        #expect(call.pages == pages)
    }

    @Test(arguments: [("0004", 0, [0, 1, 2]), ("0005", 1, [1, 2])])
    func `second calls deliver the rest`(number: String, firstPage: Int, pages: [Int]) async throws {
        let call = try await SandboxCalls.send(
            SandboxCalls.pages(3), to: number, firstPage: firstPage, earlierDials: 1, by: InstantBackend())
        #expect(call.result.outcome == .delivered)
        #expect(call.pages == pages)
    }

    @Test func `the other facts of a call`() async throws {
        let backend = InstantBackend()
        #expect(try await SandboxCalls.send(to: "0015", by: backend).result.retryAfter == .seconds(1))
        #expect(try await SandboxCalls.send(to: "0011", by: backend).negotiated.map(\.errorCorrection) == [false])
        #expect(try await SandboxCalls.send(SandboxCalls.pages(1, resolution: .standard), to: "0010", by: backend).pages == [0])
        let checked = try await SandboxCalls.send(to: "0013", expecting: "+15005550013", by: backend)
        #expect(checked.result.outcome == .failed(.stationMismatch))
        #expect(checked.pages.isEmpty && checked.negotiated.isEmpty)
    }

    @Test func `a page that cannot be recorded leaves the outcome open`() async throws {
        struct Unrecordable: Error {}
        let call = OutboundCall(
            reference: "call", number: try #require(PhoneNumber("+15005550001")), image: try TestPages.file(SandboxCalls.pages(1)),
            documents: [1], firstPage: 0)
        let result = await InstantBackend().send(call) { step in
            if case .pageConfirmed = step { throw Unrecordable() }
        }
        #expect(result.outcome == .unknown)
    }

    @Test(arguments: ["+15551230100", "+15559990000"])
    func `numbers that are not the sandbox's are as at the loopback exchange`(number: String) async throws {
        let call = OutboundCall(
            reference: "call", number: try #require(PhoneNumber(number)), image: try TestPages.file(SandboxCalls.pages(1)), documents: [1],
            firstPage: 0)
        let result = await InstantBackend().send(call) { _ in }
        #expect(result.outcome == (number == "+15551230100" ? .delivered : .failed(.unallocated)))
    }
}
