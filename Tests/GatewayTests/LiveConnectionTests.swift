import Foundation
import HTTPTypes
import HummingbirdTesting
import Store
import Testing

/// What only a real connection shows: when an answer comes, and what becomes of the rest.
@Suite(.timeLimit(.minutes(10))) struct LiveConnectionTests {
    private static func head(_ fields: String..., key: String? = TestGateway.bootstrapKey) -> String {
        let lines =
            ["POST /fax HTTP/1.1", "Host: localhost", "Content-Type: multipart/form-data; boundary=\(TestForm.boundary)"]
            + (key.map { ["X-API-Key: \($0)"] } ?? []) + fields
        return lines.joined(separator: "\r\n") + "\r\n\r\n"
    }

    private static func chunk(_ bytes: [UInt8]) -> [UInt8] {
        Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + Array("\r\n".utf8)
    }

    /// Until something is so: a file that another task makes or removes.
    private func wait(until isSo: () throws -> Bool) async throws {
        let deadline = ContinuousClock.now.advanced(by: .seconds(20))
        while try !isSo() {
            try #require(ContinuousClock.now < deadline)
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private func expectRefusal(_ status: Int, _ connection: RawConnection) {
        #expect(connection.received.hasPrefix("HTTP/1.1 \(status) "))
        #expect(connection.received.lowercased().contains("\r\nconnection: close\r\n"))
        #expect(connection.received.contains("\"detail\":"))
        #expect(connection.received.components(separatedBy: "HTTP/1.1").count == 2, "one answer only")
    }

    @Test(arguments: [nil, "wrong", "fbk_live_a_b"], ["Content-Length: 104857600", "Transfer-Encoding: chunked"])
    func refusedBeforeTheBodyIsRead(key: String?, length: String) async throws {
        try await TestGateway.run([:], .live) { gateway, client in
            let start = ContinuousClock.now
            try await RawConnection.with(port: client.port) { connection in
                // Three bytes of a hundred million, and then only listening.
                try await connection.send(Self.head(length, key: key) + (length.hasSuffix("chunked") ? "3\r\n---\r\n" : "---"))
                try await connection.receiveAll()
                expectRefusal(401, connection)
            }
            // Not by the idle timeout, which is a minute.
            #expect(ContinuousClock.now - start < .seconds(30))
            try await gateway.expectNothing()
        }
    }

    @Test func otherRefusalsBeforeTheBody() async throws {
        try await TestGateway.run(["MAX_FILE_SIZE_MB": "1"], .live) { gateway, client in
            let reader = try await gateway.key(.faxRead)
            let heads = [
                (403, Self.head("Content-Length: 1000", key: reader)),
                (413, Self.head("Content-Length: 104857600")),
                (413, Self.head("Content-Length: 9223372036854775807")),
                (415, Self.head("Content-Length: 1000").replacing("multipart/form-data", with: "multipart/mixed")),
                (400, Self.head("Content-Length: 1000").replacing("boundary=", with: "b=")),
            ]
            for (status, head) in heads {
                try await RawConnection.with(port: client.port) { connection in
                    try await connection.send(head)
                    try await connection.receiveAll()
                    expectRefusal(status, connection)
                }
            }
            try await gateway.expectNothing()
        }
    }

    /// A client that listens only after it has sent everything gets its answer too.
    @Test func refusedClientsMayFinishSending() async throws {
        try await TestGateway.run([:], .live) { _, client in
            try await RawConnection.with(port: client.port) { connection in
                try await connection.send(Self.head("Content-Length: 8000000", key: nil))
                for _ in 0..<80 { try await connection.send([UInt8](repeating: 0x2D, count: 100_000)) }
                try await connection.receiveAll()
                expectRefusal(401, connection)
            }
        }
    }

    /// What follows a refused body is not taken for a request.
    @Test func nothingIsReadAfterARefusal() async throws {
        try await TestGateway.run([:], .live) { _, client in
            try await RawConnection.with(port: client.port) { connection in
                try await connection.send(Self.head("Content-Length: 3", key: nil) + "---GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
                try await connection.receiveAll()
                expectRefusal(401, connection)
            }
        }
    }

    /// Other errors leave the connection open.
    @Test func theConnectionGoesOnAfterAnOrdinaryError() async throws {
        try await TestGateway.run([:], .live) { _, client in
            try await RawConnection.with(port: client.port) { connection in
                let form = TestForm(.field("to", "+15551230100"))
                try await connection.send(Self.head("Content-Length: \(form.bytes.count)"))
                try await connection.send(form.bytes)
                try await connection.receive(until: "\"}")
                #expect(connection.received.hasPrefix("HTTP/1.1 422 "))
                try await connection.send(Self.head("Content-Length: \(TestForm.good.bytes.count)"))
                try await connection.send(TestForm.good.bytes)
                try await connection.receive(until: "updated_at")
                #expect(connection.received.contains("HTTP/1.1 202 "))
            }
        }
    }

    /// A document long enough that some of it is on the disk before it is whole.
    private static let longBegin =
        Array(TestForm(.field("to", "+15551230100"), .file(TestForm.pdf)).bytes.dropLast(40))
        + [UInt8](repeating: 0x20, count: 600_000)

    @Test(arguments: ["Content-Length: 10000000", "Transfer-Encoding: chunked"])
    func aClientThatGoesAwayLeavesNothingBehind(length: String) async throws {
        try await TestGateway.run([:], .live) { gateway, client in
            try await RawConnection.with(port: client.port) { connection in
                try await connection.send(Self.head(length))
                try await connection.send(length.hasSuffix("chunked") ? Self.chunk(Self.longBegin) : Self.longBegin)
                try await wait { try !gateway.blobs().isEmpty }
                try await connection.close()
            }
            try await wait { try gateway.blobs().isEmpty }
            try await gateway.expectNothing()
            #expect(!gateway.logs.all.contains { $0.hasPrefix("error") })
            #expect(try await client.send(.good).status == .accepted)
        }
    }

    @Test(arguments: ["Content-Length: 10000000", "Transfer-Encoding: chunked"])
    func aClientThatStopsSendingIsTold(length: String) async throws {
        try await TestGateway.run([:], .live) { gateway, client in
            try await RawConnection.with(port: client.port) { connection in
                try await connection.send(Self.head(length))
                try await connection.send(length.hasSuffix("chunked") ? Self.chunk(Self.longBegin) : Self.longBegin)
                try await wait { try !gateway.blobs().isEmpty }
                connection.finishSending()
                try await connection.receiveAll()
                expectRefusal(400, connection)
            }
            try await gateway.expectNothing()
            #expect(!gateway.logs.all.contains { $0.hasPrefix("error") })
        }
    }

    /// A client that asks before it sends its document is answered at once, yes or no.
    @Test func clientsThatAskFirst() async throws {
        try await TestGateway.run([:], .live) { gateway, client in
            let length = "Content-Length: \(TestForm.good.bytes.count)"
            try await RawConnection.with(port: client.port) { connection in
                try await connection.send(Self.head(length, "Expect: 100-continue"))
                try await connection.receive(until: "\r\n\r\n")
                #expect(connection.received == "HTTP/1.1 100 Continue\r\n\r\n")
                try await connection.send(TestForm.good.bytes)
                try await connection.receive(until: "updated_at")
                #expect(connection.received.contains("HTTP/1.1 202 "))
            }
            try await RawConnection.with(port: client.port) { connection in
                try await connection.send(Self.head(length, "Expect: 100-continue", key: nil))
                try await connection.receiveAll()
                expectRefusal(401, connection)
            }
            #expect(try await gateway.store.faxes(limit: 2).count == 1)
        }
    }

    @Test func brokenChunks() async throws {
        try await TestGateway.run([:], .live) { gateway, client in
            try await RawConnection.with(port: client.port) { connection in
                try await connection.send(Self.head("Transfer-Encoding: chunked"))
                try await connection.send(Self.chunk(Array(TestForm.good.bytes.prefix(50))) + Array("no length\r\n".utf8))
                try await connection.receiveAll()
                expectRefusal(400, connection)
            }
            try await gateway.expectNothing()
        }
    }

    @Test func aWholeFormInSmallChunks() async throws {
        try await TestGateway.run([:], .live) { gateway, client in
            try await RawConnection.with(port: client.port) { connection in
                try await connection.send(Self.head("Transfer-Encoding: chunked"))
                for byte in TestForm.good.bytes { try await connection.send(Self.chunk([byte])) }
                try await connection.send("0\r\n\r\n")
                try await connection.receive(until: "updated_at")
                #expect(connection.received.hasPrefix("HTTP/1.1 202 "))
            }
            #expect(try await gateway.store.faxes(limit: 2).count == 1)
        }
    }

    /// Where the length is not said it is counted; also after the end of the form, where nothing is kept.
    @Test(arguments: [false, true]) func tooLargeInChunks(afterTheForm: Bool) async throws {
        try await TestGateway.run(["MAX_FILE_SIZE_MB": "1"], .live) { gateway, client in
            try await RawConnection.with(port: client.port) { connection in
                try await connection.send(Self.head("Transfer-Encoding: chunked"))
                try await connection.send(Self.chunk(afterTheForm ? TestForm.good.bytes : Self.longBegin))
                for _ in 0..<12 { try await connection.send(Self.chunk([UInt8](repeating: 0x20, count: 100_000))) }
                try await connection.receiveAll()
                expectRefusal(413, connection)
            }
            try await gateway.expectNothing()
        }
    }
}
