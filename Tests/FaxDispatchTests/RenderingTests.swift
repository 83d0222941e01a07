import FaxModel
import Foundation
import Imaging
import Store
import Testing
import Vault

@testable import FaxDispatch

/// The build puts `faxlock-page` beside the tests.
private let worker = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    .appendingPathComponent("faxlock-page").path

/// With the real `faxlock-page`.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: worker), "faxlock-page is not built"), .timeLimit(.minutes(10)))
struct RenderingTests {
    @Test func `an accepted text becomes pages, and is sent`() async throws {
        try await TestHouse.with { house in
            let id = try await house.accept(1, document: Array("An invented letter.\n".utf8))
            let left = Signal()
            let backend = ScriptedBackend { call, report in
                defer { left.send() }
                return await ScriptedBackend.deliver(call, report)
            }
            let dispatcher = try house.dispatcher(backend, renderer: worker)
            let running = Task { await dispatcher.run() }
            await left.wait()
            await dispatcher.stop()
            await running.value
            let fax = try await house.fax(id)
            #expect(fax.state == .delivered)
            #expect(fax.pages == 1)
            let image = try #require(fax.image)
            let page = try TIFFReader(try await house.documents.open(image).read(upTo: 10_000_000)).page(at: 0)
            #expect(page.resolution == .fine)
            #expect(try page.bitmap().bytes.contains { $0 != 0 })
        }
    }

    @Test func `a document that is none fails with a reason, and no call is made`() async throws {
        try await TestHouse.with { house in
            let broken = try await house.accept(1, document: Array("%PDF-1.4 broken".utf8), format: "pdf")
            // One document at a time, the oldest first: when this one is sent, the other has been rendered.
            let queued = try await house.accept(2, document: Array("An invented letter.\n".utf8))
            let left = Signal()
            let backend = ScriptedBackend { call, report in
                defer { left.send() }
                return await ScriptedBackend.deliver(call, report)
            }
            let dispatcher = try house.dispatcher(backend, renderer: worker)
            let running = Task { await dispatcher.run() }
            await left.wait()
            await dispatcher.stop()
            await running.value
            let fax = try await house.fax(broken)
            #expect(fax.state == .failed)
            #expect(fax.error?.isEmpty == false)
            #expect(backend.requests.count == 1)
            #expect(try await house.fax(queued).state == .delivered)
        }
    }
}
