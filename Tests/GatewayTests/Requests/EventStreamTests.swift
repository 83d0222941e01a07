import FaxModel
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Ledger
import Store
import Synchronization
import Testing

@testable import Gateway

/// What happened to a fax, as a list and as a stream.
@Suite(.timeLimit(.minutes(5))) struct EventStreamTests {
    struct Event: Equatable {
        var id = ""
        var type = ""
        var data = ""
    }

    private static func parse(_ text: String) -> [Event] {
        text.components(separatedBy: "\n\n").compactMap { block in
            var event = Event()
            for line in block.split(separator: "\n") {
                if line.hasPrefix("id: ") { event.id = String(line.dropFirst(4)) }
                if line.hasPrefix("event: ") { event.type = String(line.dropFirst(7)) }
                if line.hasPrefix("data: ") { event.data = String(line.dropFirst(6)) }
            }
            return event == Event() ? nil : event
        }
    }

    private func accepted(_ client: any TestClientProtocol, _ key: HTTPFields = .bootstrap) async throws -> FaxID {
        try #require(FaxID(try await client.send(.good, key).json()["id"]?.text ?? ""))
    }

    private func stream(_ headers: HTTPFields = .bootstrap, after: String? = nil) -> HTTPFields {
        var headers = headers
        headers[.accept] = "text/event-stream"
        headers[.lastEventID] = after
        return headers
    }

    private func deliver(_ gateway: TestGateway, _ id: FaxID) async throws {
        let pages = TestGateway.pages(2)
        try await gateway.render(id, pages)
        try await gateway.deliver(id, pages)
    }

    @Test func theList() async throws {
        try await TestGateway.run { gateway, client in
            let id = try await accepted(client)
            try await deliver(gateway, id)
            let response = try await client.get("/fax/\(id)/events")
            #expect(response.status == .ok)
            #expect(response.headers[.contentType] == "application/json; charset=utf-8")
            let events = try response.json().items
            #expect(events.first?["type"] == "fax.accepted")
            #expect(events.last?["type"] == "fax.delivered")
            #expect(events.count { $0["type"] == "fax.page_confirmed" } == 2)
            for event in events {
                #expect(event.names == ["at", "data", "fax", "id", "type"])
                #expect(event["fax"]?.text == id.text)
            }
            guard case .number(let second)? = events[1]["id"] else {
                Issue.record("no id")
                return
            }
            let rest = try await client.get("/fax/\(id)/events?after=\(Int(second))").json().items
            #expect(rest == Array(events.dropFirst(2)))
            #expect(try await client.get("/fax/\(id)/events?limit=1").json().items == Array(events.prefix(1)))
            #expect(!String(decoding: response.bytes, as: UTF8.self).contains("5551230100"))
            for query in ["after=x", "after=-1", "limit=0"] {
                #expect(try await client.get("/fax/\(id)/events?\(query)").status == .unprocessableContent)
            }
        }
    }

    /// The stream is open before anything happens, and ends by itself after the last event.
    @Test func theStreamFollowsTheFaxToItsEnd() async throws {
        try await TestGateway.run { gateway, client in
            let id = try await accepted(client)
            async let answer = client.get("/fax/\(id)/events", stream())
            try await deliver(gateway, id)
            let response = try await answer
            #expect(response.status == .ok)
            #expect(response.headers[.contentType] == "text/event-stream")
            #expect(response.headers[.cacheControl] == "no-store")
            let events = Self.parse(String(decoding: response.bytes, as: UTF8.self))
            #expect(events.first?.type == "fax.accepted")
            #expect(events.last?.type == "fax.delivered")
            let ids = events.compactMap { Int($0.id) }
            #expect(ids == ids.sorted() && Set(ids).count == events.count)
            // It is what the list says, each event once.
            let list = try await client.get("/fax/\(id)/events").json().items
            #expect(try events.map { try JSONValue(Array($0.data.utf8)) } == list)
        }
    }

    @Test func aStreamThatWasCutGoesOn() async throws {
        try await TestGateway.run { gateway, client in
            let id = try await accepted(client)
            try await deliver(gateway, id)
            let all = Self.parse(String(decoding: try await client.get("/fax/\(id)/events", stream()).bytes, as: UTF8.self))
            #expect(all.count > 5)
            for index in all.indices {
                let response = try await client.get("/fax/\(id)/events", stream(after: all[index].id))
                #expect(Self.parse(String(decoding: response.bytes, as: UTF8.self)) == Array(all.dropFirst(index + 1)))
            }
            #expect(try await client.get("/fax/\(id)/events", stream(after: "x")).status == .unprocessableContent)
            #expect(try await client.get("/fax/\(id)/events", stream(after: "999999999")).bytes.isEmpty)
        }
    }

    @Test func aSilentStreamBeats() async throws {
        try await TestGateway.run { gateway, client in
            let id = try await accepted(client)
            async let answer = client.get("/fax/\(id)/events", stream())
            for _ in 0..<3 { gateway.heartbeat.beat() }
            _ = try await gateway.store.cancel(id, by: .system)
            let text = String(decoding: try await answer.bytes, as: UTF8.self)
            #expect(Self.parse(text).last?.type == "fax.cancelled")
        }
    }

    /// Whoever may not read any more does not go on reading.
    @Test func aRevokedKeyEndsIt() async throws {
        try await TestGateway.run { gateway, client in
            let (keyID, token) = try await gateway.key([.faxSend, .faxRead])
            let id = try await accepted(client, .key(token))
            async let answer = client.get("/fax/\(id)/events", stream(.key(token)))
            // The stream is under way once it has been asked for: its first beat finds the key good.
            gateway.heartbeat.beat()
            _ = try await client.execute(uri: "/admin/api-keys/\(keyID)", method: .delete, headers: .bootstrap)
            gateway.heartbeat.beat()
            let response = try await answer
            #expect([200, 401].contains(response.status.code))
            #expect(try await gateway.store.fax(id)?.state == .accepted)
        }
    }

    /// Of a stream that is under way: the next beat ends it, though nothing happens to the fax.
    @Test func aBeatEndsTheStreamOfARevokedKey() async throws {
        try await TestGateway.run([:], .live) { gateway, client in
            let (keyID, token) = try await gateway.key([.faxSend, .faxRead])
            let id = try await accepted(client, .key(token))
            let text = try await RawConnection.with(port: client.port) { connection in
                try await connection.send(
                    """
                    GET /fax/\(id)/events HTTP/1.1\r\nHost: localhost\r\nX-API-Key: \(token)\r
                    Accept: text/event-stream\r\n\r\n
                    """)
                try await connection.receive(until: "event: fax.accepted")
                _ = try await client.execute(uri: "/admin/api-keys/\(keyID)", method: .delete, headers: .bootstrap)
                gateway.heartbeat.beat()
                try await connection.receive(until: "\r\n0\r\n\r\n")
                return connection.received
            }
            #expect(text.hasSuffix("\r\n0\r\n\r\n"))
            #expect(try await gateway.store.fax(id)?.state == .accepted)
        }
    }

    /// Streams that are open at the same time, each with its first event; `body` runs while they are.
    private func streams(
        _ count: Int, of id: FaxID, port: Int?, key: String, _ body: () async throws -> Void
    ) async throws {
        guard count > 0 else { return try await body() }
        try await RawConnection.with(port: port) { connection in
            try await connection.send(
                "GET /fax/\(id)/events HTTP/1.1\r\nHost: localhost\r\nX-API-Key: \(key)\r\nAccept: text/event-stream\r\n\r\n")
            try await connection.receive(until: "event: fax.accepted")
            #expect(connection.received.hasPrefix("HTTP/1.1 200"))
            try await streams(count - 1, of: id, port: port, key: key, body)
            try await connection.receive(until: "\r\n0\r\n\r\n")
        }
    }

    /// Each holds a connection and a timer: one key does not take them all.
    @Test func aKeyHasSoManyStreamsAndNoMore() async throws {
        try await TestGateway.run([:], .live) { gateway, client in
            let key = try await gateway.key(.faxSend, .faxRead)
            let id = try await accepted(client, .key(key))
            try await streams(32, of: id, port: client.port, key: key) {
                let refused = try await client.get("/fax/\(id)/events", stream(.key(key)))
                #expect(refused.status == .tooManyRequests)
                #expect(refused.headers[.retryAfter] == "30")
                #expect(refused.headers[.contentType]?.hasPrefix("application/json") == true)
                #expect(refused.detail == "You have 32 event streams open, which is the most. Close one, or read the events as a list.")
                // The list is there, and others have places of their own.
                #expect(try await client.get("/fax/\(id)/events", .key(key)).status == .ok)
                let other = try await accepted(client)
                _ = try await gateway.store.cancel(other, by: .system)
                #expect(try await client.get("/fax/\(other)/events", stream()).status == .ok)
                _ = try await gateway.store.cancel(id, by: .system)
            }
            // They have ended, and their places are free.
            #expect(try await client.get("/fax/\(id)/events", stream(.key(key))).status == .ok)
            #expect(try await gateway.events("rate.limited").count == 1)
        }
    }

    @Test func placesAreGivenBackHoweverAStreamEnds() throws {
        let places = StreamPlaces(ofOwner: 2, inAll: 3)
        var held = [try places.take(for: "a"), try places.take(for: "a")]
        #expect(throws: StreamPlaces.Full.owner(2)) { try places.take(for: "a") }
        held.append(try places.take(for: "b"))
        #expect(throws: StreamPlaces.Full.server) { try places.take(for: "c") }
        #expect(places.count == 3)
        // Said twice, and forgotten at last: one place.
        held[0].giveBack()
        held[0].giveBack()
        #expect(places.count == 2)
        held.removeFirst()
        #expect(places.count == 2)
        held.append(try places.take(for: "c"))
        #expect(throws: StreamPlaces.Full.server) { try places.take(for: "d") }
        // Nobody said so: the answer was never written.
        held.removeAll()
        #expect(places.count == 0)
        let again = [try places.take(for: "a"), try places.take(for: "a")]
        #expect(again.count == 2)
        let most = StreamPlaces()
        #expect(throws: StreamPlaces.Full.owner(32)) { _ = try (0..<33).map { _ in try most.take(for: "a") } }
        #expect(throws: StreamPlaces.Full.server) { _ = try (0..<513).map { try most.take(for: "\($0 / 32)") } }
    }

    /// A server that stops does not wait for those who listen, and ends what it tells them as it should.
    @Test func aStopEndsIt() async throws {
        let reader = Mutex<Task<String, any Error>?>(nil)
        try await TestGateway.run([:], .live) { gateway, client in
            let id = try await accepted(client)
            let port = client.port
            let (lines, line) = AsyncStream.makeStream(of: Void.self)
            let task = Task {
                try await RawConnection.with(port: port) { connection in
                    try await connection.send(
                        """
                        GET /fax/\(id)/events HTTP/1.1\r\nHost: localhost\r\nX-API-Key: \(TestGateway.bootstrapKey)\r
                        Accept: text/event-stream\r\n\r\n
                        """)
                    try await connection.receive(until: "event: fax.accepted")
                    line.finish()
                    try await connection.receiveAll()
                    return connection.received
                }
            }
            reader.withLock { $0 = task }
            for await _ in lines {}
        }
        let text = try await #require(reader.withLock { $0 }).value
        // The last chunk of all: the answer was ended, not broken off.
        #expect(text.hasSuffix("\r\n0\r\n\r\n"), "\(text)")
    }
}
