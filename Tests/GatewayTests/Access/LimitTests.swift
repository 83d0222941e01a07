import FaxModel
import Gateway
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Store
import Testing

/// Limits on the test clock.
@Suite struct LimitTests {
    private func expectTooMany(_ response: TestResponse, after seconds: Int, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(response.status == .tooManyRequests, sourceLocation: sourceLocation)
        #expect(response.headers[.retryAfter] == "\(seconds)", sourceLocation: sourceLocation)
        #expect(response.detail == "Too many requests. Try again in \(seconds) s.", sourceLocation: sourceLocation)
        #expect(response.headers[.connection] == "close", sourceLocation: sourceLocation)
    }

    @Test func aKeysRequests() async throws {
        try await TestGateway.run(["MAX_REQUESTS_PER_MINUTE": "6"]) { gateway, client in
            let (busy, quiet) = (try await gateway.key([.faxRead]), try await gateway.key([.faxRead]))
            for _ in 0..<6 { #expect(try await client.get("/fax", .key(busy.token)).status == .ok) }
            expectTooMany(try await client.get("/fax", .key(busy.token)), after: 10)
            expectTooMany(try await client.send([1], .key(busy.token)), after: 10)
            #expect(try await client.get("/fax", .key(quiet.token)).status == .ok)
            gateway.clock.advance(by: .seconds(9))
            expectTooMany(try await client.get("/fax", .key(busy.token)), after: 1)
            gateway.clock.advance(by: .seconds(1))
            #expect(try await client.get("/fax", .key(busy.token)).status == .ok)
            #expect(gateway.logs.all.contains { $0.hasPrefix("warning access refused") && $0.contains("rate_limited") })
        }
    }

    @Test func anAddressRequests() async throws {
        try await TestGateway.run(["FAXLOCK_ADDRESS_REQUESTS_PER_MINUTE": "6"]) { gateway, client in
            for _ in 0..<6 { #expect(try await client.get("/openapi.yaml", [:]).status == .ok) }
            expectTooMany(try await client.get("/fax", .bootstrap), after: 10)
            expectTooMany(try await client.get("/no-such-route", [:]), after: 10)
            // Monitors are not counted.
            for _ in 0..<20 { #expect(try await client.get("/health", [:]).status == .ok) }
            #expect(try await client.get("/health/ready", [:]).status == .ok)
            gateway.clock.advance(by: .seconds(10))
            #expect(try await client.get("/fax", .bootstrap).status == .ok)
        }
    }

    /// After too many wrong keys, not even the right one is looked at.
    @Test func refusedCredentials() async throws {
        try await TestGateway.run(["FAXLOCK_REFUSALS_PER_MINUTE": "6"]) { gateway, client in
            let id = try await gateway.fax(owner: "another")
            // What shows nothing has guessed nothing, and what is forbidden has shown something good.
            let weak = try await gateway.key([])
            for _ in 0..<10 {
                #expect(try await client.get("/fax", [:]).status == .unauthorized)
                #expect(try await client.get("/fax", .key(weak.token)).status == .forbidden)
                #expect(try await client.get("/fax/\(id)/pdf", [:]).status == .forbidden)
            }
            for _ in 0..<3 { #expect(try await client.get("/fax", .key("guess")).status == .unauthorized) }
            for _ in 0..<3 { #expect(try await client.get("/fax/\(id)/pdf?token=guess", [:]).status == .forbidden) }
            expectTooMany(try await client.get("/fax", .key("guess")), after: 10)
            expectTooMany(try await client.get("/fax", .bootstrap), after: 10)
            gateway.clock.advance(by: .seconds(10))
            #expect(try await client.get("/fax", .bootstrap).status == .ok)
        }
    }

    /// A flood fills neither the ledger nor the log.
    @Test func refusalsOnTheRecord() async throws {
        try await TestGateway.run { gateway, client in
            let router = gateway.router(keys: gateway.keys)
            try await Application(router: router.build(), logger: gateway.logs.logger()).test(.router) { client in
                for _ in 0..<500 { #expect(try await client.get("/fax", .key("guess")).status == .unauthorized) }
                let first = try await gateway.events("sign_in.failed")
                #expect(first.count == 1)
                #expect(first.first?.details == .object(["cause": "key", "count": 1]))
                #expect(first.first?.outcome == "denied" && first.first?.actor.type == "anonymous")
                gateway.clock.advance(by: .seconds(10))
                #expect(try await client.get("/fax", .key("guess")).status == .unauthorized)
                #expect(try await gateway.events("sign_in.failed").last?.details?["count"] == 500)
                for _ in 0..<7 { #expect(try await client.get("/fax", .key("guess")).status == .unauthorized) }
                await router.refusals.flush(logger: gateway.logs.logger())
                #expect(try await gateway.events("sign_in.failed").count == 2)
                gateway.clock.advance(by: .seconds(10))
                await router.refusals.flush(logger: gateway.logs.logger())
                await router.refusals.flush(logger: gateway.logs.logger())
                #expect(try await gateway.events("sign_in.failed").last?.details == .object(["count": 7]))
                #expect(try await gateway.events("sign_in.failed").count == 3)
            }
            let lines = gateway.logs.all.filter { $0.hasPrefix("warning access refused") }
            #expect((60...80).contains(lines.count))
            #expect(lines.allSatisfy { $0.contains("\"reason\": unauthorized") && $0.contains("\"address\": unknown") })
            // fail2ban's filter knows the line by its whole form.
            #expect(lines.allSatisfy { $0.split(separator: ",").count == 2 && !$0.contains("hb.request.id") })
            #expect(!gateway.logs.all.contains { $0.contains("guess") })
        }
    }

    @Test func deniedScopesOnTheRecord() async throws {
        try await TestGateway.run { gateway, client in
            let weak = try await gateway.key([.faxRead])
            #expect(try await client.post("/admin/api-keys", .key(weak.token)).status == .forbidden)
            let event = try #require(try await gateway.events("scope.denied").first)
            #expect(event.actor.id == weak.id && event.actor.type == "key")
            #expect(event.details?["needed"] == "keys:manage")
            #expect(gateway.logs.all.contains { $0.hasPrefix("warning access refused") && $0.contains("forbidden") })
        }
    }
}
