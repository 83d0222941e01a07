import Foundation
import ServerSettings
import Testing

/// deploy/elasticsearch: what would be sent to Elasticsearch, without one.
@Suite struct ElasticsearchTests {
    /// A value deep in a JSON object.
    private func value(_ path: String..., in file: String) throws -> Any? {
        var value: Any? = try JSONSerialization.jsonObject(with: Data(try Deploy.text("elasticsearch/\(file)").utf8))
        for key in path { value = (value as? [String: Any])?[key] }
        return value
    }

    /// Six years are 2,191 or 2,192 days (45 CFR 164.316(b)(2)(i)); the age of the last phase counts from the rollover.
    @Test func nothingGoesBeforeSixYears() throws {
        let text = try #require(try value("policy", "phases", "delete", "min_age", in: "ilm-policy.json") as? String)
        let days = try #require(text.wholeMatch(of: /(\d+)d/).flatMap { Int($0.1) }, "\(text)")
        #expect(days >= 2192)
        let phases = try #require(try value("policy", "phases", in: "ilm-policy.json") as? [String: [String: Any]])
        for (name, phase) in phases where (phase["actions"] as? [String: Any])?["delete"] != nil { #expect(name == "delete") }
        #expect(try value("policy", "phases", "hot", "actions", "rollover", "max_age", in: "ilm-policy.json") as? String == "30d")
    }

    /// The stream that the server writes to by default, under that policy, and no field by accident.
    @Test func templateIsForTheServersStream() throws {
        let setting = try #require(Settings.table.first { $0.name == "FAXLOCK_AUDIT_ELASTICSEARCH_STREAM" })
        #expect(try value("index_patterns", in: "index-template.json") as? [String] == [setting.defaultText])
        #expect(try value("data_stream", in: "index-template.json") is [String: Any])
        #expect(try value("template", "settings", "index.lifecycle.name", in: "index-template.json") as? String == "faxlock-audit")
        #expect(try value("template", "mappings", "dynamic", in: "index-template.json") as? String == "strict")
    }

    /// Every member of a leaf of the ledger, and the time that a data stream needs.
    @Test func templateHasEveryFieldOfALeaf() throws {
        let fields = try #require(try value("template", "mappings", "properties", in: "index-template.json") as? [String: [String: Any]])
        for name in ["@timestamp", "v", "seq", "ts", "action", "object", "reason", "outcome", "request_id", "details"] {
            #expect(fields[name]?["type"] is String, "\(name)")
        }
        let actor = try #require(fields["actor"]?["properties"] as? [String: Any])
        #expect(Set(actor.keys) == ["type", "id", "client", "address"])
    }
}
