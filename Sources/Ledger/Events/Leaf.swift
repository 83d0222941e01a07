package import FaxModel

/// An event at its place in the ledger: the exact bytes that are hashed, stored and exported.
///
/// One JSON object (RFC 8259) without white space, its members in this order:
/// `v, seq, ts, actor{type,id,client,address}, action, object, reason, outcome, request_id, details`.
package enum Leaf {
    /// The version of the form.
    static let version = 1

    /// The bytes of `event` as leaf number `sequence`.
    /// - Parameter sequence: from 0.
    package static func encode(_ event: LedgerEvent, sequence: Int64, at time: Timestamp) -> [UInt8] {
        var json = JSONBytes()
        json.append(#"{"v":"#)
        json.append("\(version)")
        json.append(#","seq":"#)
        json.append("\(sequence)")
        json.append(#","ts":"#)
        json.append(string: time.description)
        json.append(#","actor":{"type":"#)
        json.append(string: event.initiator.kind.rawValue)
        json.append(#","id":"#)
        json.append(string: event.initiator.id)
        json.append(#","client":"#)
        json.append(string: event.initiator.client)
        json.append(#","address":"#)
        json.append(optional: event.initiator.address)
        json.append(#"},"action":"#)
        json.append(string: event.action.rawValue)
        json.append(#","object":"#)
        json.append(string: event.object)
        json.append(#","reason":"#)
        json.append(optional: event.initiator.reason)
        json.append(#","outcome":"#)
        json.append(string: event.outcome.rawValue)
        json.append(#","request_id":"#)
        json.append(optional: event.initiator.requestID)
        json.append(#","details":{"#)
        for (index, detail) in event.details.sorted(by: { $0.key < $1.key }).enumerated() {
            if index > 0 { json.append(",") }
            json.append(string: detail.key)
            json.append(":")
            switch detail.value {
            case .text(let text): json.append(string: text)
            case .integer(let number): json.append("\(number)")
            case .boolean(let flag): json.append(flag ? "true" : "false")
            }
        }
        json.append("}}")
        return json.bytes
    }
}
