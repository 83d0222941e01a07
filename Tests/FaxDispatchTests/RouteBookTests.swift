import FaxModel
import Testing

@testable import FaxDispatch

@Suite struct RouteBookTests {
    private let now = Timestamp(milliseconds: 1_795_000_000_000)

    private func route(_ name: String, calls: Int = 1, rate: Double = 1000) -> Route {
        Route(name: name, backend: ScriptedBackend(ScriptedBackend.deliver), maximumCalls: calls, callsPerSecond: rate)
    }

    @Test func `a fax waits for its own route, though another has room`() {
        var book = RouteBook([route("own"), route("provider")])
        #expect(book.take(preferred: 0, isUp: [true, true], at: now) == 0)
        #expect(book.take(preferred: 0, isUp: [true, true], at: now) == nil)
        #expect(book.take(preferred: 1, isUp: [true, true], at: now) == 1)
        #expect(book.calls == 2)
        book.release(0)
        #expect(book.take(preferred: 2, isUp: [true, true], at: now.advanced(by: .seconds(1))) == 0)
    }

    @Test func `a route that is down is passed over`() {
        var book = RouteBook([route("own"), route("provider")])
        #expect(book.take(preferred: 0, isUp: [false, true], at: now) == 1)
        // What is said of routes may be late: with none up, the preferred one is tried.
        #expect(book.take(preferred: 0, isUp: [false, false], at: now) == 0)
    }

    @Test func `calls a second`() {
        var book = RouteBook([route("own", calls: 100, rate: 2)])
        #expect(book.take(preferred: 0, isUp: [true], at: now) == 0)
        #expect(!book.hasRoom(at: now))
        #expect(book.nextPlace(after: now) == now.advanced(by: .milliseconds(500)))
        #expect(book.take(preferred: 0, isUp: [true], at: now.advanced(by: .milliseconds(499))) == nil)
        #expect(book.take(preferred: 0, isUp: [true], at: now.advanced(by: .milliseconds(500))) == 0)
    }

    @Test func `without routes nothing goes`() {
        var book = RouteBook([])
        #expect(book.take(preferred: 3, isUp: [], at: now) == nil)
        #expect(!book.hasRoom(at: now))
    }
}
