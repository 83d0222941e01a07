import Foundation
import NIOHTTP1
import Synchronization
import Testing

@testable import AuditSinks

@Suite struct ElasticsearchSinkTests {
    private var rules: BulkStandIn.Rules { BulkStandIn.Rules(fields: Set(ElasticsearchSink.fields)) }

    private func with(
        _ server: BulkStandIn, credentials: ElasticsearchServer.Credentials = .none, _ body: (ElasticsearchSink) async throws -> Void
    ) async throws {
        let access = try ElasticsearchServer(url: "http://127.0.0.1:\(server.port)", credentials: credentials)
        try await with(access, body)
    }

    private func with(_ access: ElasticsearchServer, _ body: (ElasticsearchSink) async throws -> Void) async throws {
        let sink = try ElasticsearchSink(access, origin: SampleRecords.origin, sleep: { _ in })
        do {
            try await body(sink)
        } catch {
            await sink.close()
            throw error
        }
        await sink.close()
    }

    @Test func everyDocumentIsCreatedOnceWithItsFields() async throws {
        let records = SampleRecords.ledger(300, checkpointEvery: 128)
        try await BulkStandIn.with(rules) { server in
            try await with(server) { sink in
                try await sink.deliver(records)
                // As after a failure on this side.
                try await sink.deliver(records)
            }
            #expect(server.violations == [] && server.requests == 2)
            #expect(server.documents.count == 302)
            let first = try #require(server.documents.first)
            #expect(first.id.hasPrefix("fax.example/ledger/0/"))
            // After a restore another event may have the same number: it must not meet the first one's id.
            let other = BulkDocument(.leaf(sequence: 0, json: Array(#"{"v":1,"seq":0}"#.utf8)), origin: "fax.example/ledger")
            #expect(!String(decoding: other.lines, as: UTF8.self).contains(first.id))
            let members = try #require(JSONSerialization.jsonObject(with: first.json) as? [String: Any])
            #expect(members["@timestamp"] as? String == SampleRecords.time && members["seq"] as? Int == 0)
            #expect(members["action"] as? String == "content.released")
            #expect((members["actor"] as? [String: Any])?["address"] as? String == "192.0.2.7")
            // The bytes that were hashed.
            guard case .leaf(_, let json) = records[0] else { return }
            #expect(members["leaf"] as? String == String(decoding: json, as: UTF8.self))
            let checkpoint = try #require(server.documents.first { $0.id.contains("/checkpoint/128/") })
            let note = try #require(JSONSerialization.jsonObject(with: checkpoint.json) as? [String: String])
            #expect(note == ["@timestamp": SampleRecords.time, "action": "ledger.checkpoint", "checkpoint": SampleRecords.note(128)])
        }
    }

    /// The template is strict: a field that it lacks would stop the sink.
    @Test func theFieldsAreThoseOfTheIndexTemplate() throws {
        let package = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let data = try Data(contentsOf: package.appending(path: "deploy/elasticsearch/index-template.json"))
        let template = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
        let mappings = (template["template"] as? [String: Any])?["mappings"] as? [String: Any]
        let fields = try #require(mappings?["properties"] as? [String: Any])
        #expect(Set(fields.keys) == Set(ElasticsearchSink.fields))
        #expect(template["index_patterns"] as? [String] == [ElasticsearchServer.standardStream])
        #expect(template["data_stream"] != nil)
    }

    @Test func documentsThatArePutOffAreSentAgainAlone() async throws {
        let records = SampleRecords.ledger(500)
        var rules = rules
        rules.putsOffOneIn = 8
        try await BulkStandIn.with(rules) { server in
            try await with(server) { try await $0.deliver(records) }
            #expect(server.documents.count == 500 && server.violations == [])
            #expect((2...5).contains(server.requests))
        }
    }

    @Test func anOverloadedServerIsAnErrorAndNothingIsLost() async throws {
        let records = SampleRecords.ledger(50)
        var rules = rules
        rules.putsOffOneIn = 1
        try await BulkStandIn.with(rules) { server in
            try await with(server) { sink in
                let error = await #expect(throws: AuditSinkError.self) { try await sink.deliver(records) }
                #expect(error?.description.contains("overloaded") == true)
                // It did not hammer.
                #expect(server.requests == 2)
                server.change { $0.putsOffOneIn = nil }
                try await sink.deliver(records)
            }
            #expect(server.documents.count == 50)
        }
    }

    @Test func aDocumentThatTheMappingRefusesIsAnErrorThatSaysSo() async throws {
        var rules = rules
        rules.fields.remove("details")
        try await BulkStandIn.with(rules) { server in
            try await with(server) { sink in
                let error = await #expect(throws: AuditSinkError.self) { try await sink.deliver([SampleRecords.leaf(7)]) }
                #expect(error?.description.contains("refused event 7: 400 strict_dynamic_mapping_exception") == true)
                #expect(error?.description.contains("index template") == true)
            }
        }
    }

    @Test func requestsThatAreTooLongAreDivided() async throws {
        var rules = rules
        rules.requestLimit = 20_000
        try await BulkStandIn.with(rules) { server in
            try await with(server) { sink in
                try await sink.deliver(SampleRecords.ledger(200))
                #expect(server.documents.count == 200 && server.violations == [])
                let long = SampleRecords.leaf(200, details: #"{"n":"\#(String(repeating: "x", count: 60_000))"}"#)
                let error = await #expect(throws: AuditSinkError.self) { try await sink.deliver([long]) }
                #expect(error?.description.contains("event 200 as too long (413)") == true)
            }
        }
    }

    @Test(arguments: [true, false])
    func credentials(isKey: Bool) async throws {
        var rules = rules
        rules.authorization = isKey ? "ApiKey c2VjcmV0OmtleQ==" : "Basic d3JpdGVyOmh1bnRlcjI="
        try await BulkStandIn.with(rules) { server in
            let right = isKey ? ElasticsearchServer.Credentials.apiKey("c2VjcmV0OmtleQ==") : .basic(user: "writer", password: "hunter2")
            try await with(server, credentials: right) { try await $0.deliver([SampleRecords.leaf(0)]) }
            #expect(server.documents.count == 1)
            let wrong = isKey ? ElasticsearchServer.Credentials.apiKey("d3Jvbmc=") : .basic(user: "writer", password: "swordfish")
            try await with(server, credentials: wrong) { sink in
                let error = await #expect(throws: AuditSinkError.self) { try await sink.deliver([SampleRecords.leaf(1)]) }
                #expect(error?.description.contains("refused the credentials (401)") == true)
                #expect(error.map { !$0.description.contains("d3Jvbmc") && !$0.description.contains("swordfish") } == true)
            }
        }
    }

    @Test func answersOfOtherServersAreErrors() async throws {
        try await BulkStandIn.with(rules) { server in
            try await with(server) { sink in
                for status in [200, 302, 404, 500, 503] {
                    server.change { $0.status = .init(statusCode: status) }
                    let error = await #expect(throws: AuditSinkError.self) { try await sink.deliver([SampleRecords.leaf(0)]) }
                    // The stand-in's reason has a control character.
                    #expect(error.map { !$0.description.unicodeScalars.contains { $0.value < 0x20 } } == true)
                }
            }
            #expect(server.documents.isEmpty)
        }
        let gone = try ElasticsearchServer(url: "http://127.0.0.1:1")
        try await with(gone) { sink in
            let error = await #expect(throws: AuditSinkError.self) { try await sink.deliver([SampleRecords.leaf(0)]) }
            #expect(error?.description.contains("http://127.0.0.1:1: ") == true)
        }
    }

    @Test(.enabled(if: ThrowawayCertificates.isPossible, "needs openssl"))
    func theServersCertificateIsVerified() async throws {
        try await TemporaryFolder.with { folder in
            let certificates = try await ThrowawayCertificates(in: folder)
            try await BulkStandIn.with(rules, certificate: certificates.server) { server in
                let url = "https://127.0.0.1:\(server.port)"
                let other = try ElasticsearchServer(url: url, authorities: certificates.otherAuthority)
                try await with(other) { sink in
                    let error = await #expect(throws: AuditSinkError.self) { try await sink.deliver([SampleRecords.leaf(0)]) }
                    #expect(error?.description.contains("not of a trusted authority") == true, "\(error?.description ?? "")")
                }
                #expect(server.requests == 0)
                let right = try ElasticsearchServer(url: url, authorities: certificates.authority)
                try await with(right) { try await $0.deliver([SampleRecords.leaf(0)]) }
                #expect(server.documents.count == 1)
            }
        }
    }

    @Test(arguments: [
        "http://logs.example.org:9200", "ftp://127.0.0.1", "logs.example.org", "https://writer:hunter2@logs.example.org", "https://",
        "https://logs.example.org/?a=b", "http://127.0.0.1.example.org", "",
    ])
    func addressesThatAreRefused(url: String) {
        let error = #expect(throws: AuditSinkError.self) { try ElasticsearchServer(url: url) }
        #expect(error.map { !$0.description.contains("hunter2") } == true)
    }

    @Test func streamsAndKeysThatAreRefused() {
        for stream in ["", "A", "a/b", "-a", "a b", "a?b", "..", "a,b", "a*"] {
            #expect(throws: AuditSinkError.self) { try ElasticsearchServer(url: "https://logs.example.org", stream: stream) }
        }
        for key in ["", "a\r\nX: y", "a b"] {
            #expect(throws: AuditSinkError.self) { try ElasticsearchServer(url: "https://logs.example.org", credentials: .apiKey(key)) }
        }
    }

    @Test(arguments: [
        "https://logs.example.org", "https://logs.example.org:9200/es/", "http://127.0.0.1:9200", "http://[::1]:9200", "http://localhost",
    ])
    func addressesThatAreTaken(url: String) throws {
        _ = try ElasticsearchServer(url: url)
    }
}
