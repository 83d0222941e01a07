import FaxModel

/// An event of the Open Cybersecurity Schema Framework as JSON.
enum OCSFEvent {
    /// The version of the schema whose classes and members are used.
    static let schema = "1.3.0"

    static func encode(_ event: AuditEvent, origin: String, version: String) -> [UInt8] {
        let kind = ActionClass.of(event.action)
        let product: (inout JSONText) -> Void = {
            $0.member("name", "Faxlock")
            $0.member("vendor_name", "Faxlock")
            $0.member("version", version)
        }
        return JSONText.object { json in
            json.member("class_uid", kind.ocsf.rawValue)
            json.member("category_uid", kind.ocsf.category)
            json.member("activity_id", kind.activity)
            // Required of "other", and helpful for the rest.
            json.member("activity_name", event.action)
            json.member("type_uid", kind.ocsf.rawValue * 100 + kind.activity)
            json.member("severity_id", kind.severity(outcome: event.outcome).ocsf)
            json.member("time", event.time.milliseconds)
            json.member("message", event.caption)
            json.member("status_id", statusID(event.outcome))
            json.member("status", event.outcome)
            json.member("metadata") {
                $0.member("version", schema)
                $0.member("product", product)
                $0.member("log_name", "ledger")
                $0.member("log_provider", origin)
                $0.member("uid", "\(origin)/\(event.isCheckpoint ? "checkpoint/" : "")\(event.number)")
                if !event.isCheckpoint { $0.member("sequence", event.number) }
                if let request = event.leaf?.request_id { $0.member("correlation_uid", request) }
            }
            json.member("actor") { $0.member("user") { writeUser(event, to: &$0) } }
            kind.ocsf.writeMembers(of: event, product: product, to: &json)
            json.member("unmapped") { writeUnmapped(event, to: &$0) }
        }
    }

    /// Who did it: one of uid and name is always there.
    static func writeUser(_ event: AuditEvent, to json: inout JSONText) {
        let actor = event.leaf?.actor
        if let id = actor?.id, !id.isEmpty { json.member("uid", id) } else { json.member("name", actor?.type ?? "system") }
        switch actor?.type ?? "system" {
        case "person": json.member("type_id", 1)
        case "system": json.member("type_id", 3)
        case let other:
            json.member("type_id", 99)
            json.member("type", other)
        }
    }

    private static func writeUnmapped(_ event: AuditEvent, to json: inout JSONText) {
        guard let leaf = event.leaf else {
            if event.isCheckpoint {
                json.member("checkpoint") {
                    $0.member("size", event.number)
                    $0.member("note", event.text)
                }
            } else {
                json.member("leaf", event.text)
            }
            return
        }
        json.member("object", leaf.object)
        json.member("reason", leaf.reason)
        json.member("client", leaf.actor.client)
        json.member("address", leaf.actor.address)
        json.member("details") { leaf.writeDetails(to: &$0) }
    }

    private static func statusID(_ outcome: String) -> Int {
        switch outcome {
        case "success": 1
        case "failure", "denied": 2
        case "unknown": 0
        default: 99
        }
    }
}
