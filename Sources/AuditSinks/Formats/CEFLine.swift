import FaxModel

/// ArcSight Common Event Format: `CEF:0|vendor|product|version|action|name|severity|key=value ...`.
///
/// Keys are those of its dictionary, at most as long as that allows; what has no key there is in cs1 to cs6 and cn1, cn2 with labels.
enum CEFLine {
    /// Octets of a custom string.
    static let longestCustom = 4000

    static func encode(_ event: AuditEvent, origin: String, version: String) -> [UInt8] {
        let severity = ActionClass.of(event.action).severity(outcome: event.outcome)
        let header = ["CEF:0", "Faxlock", "Faxlock", version, event.action, event.caption].map(escaped(header:)).joined(separator: "|")
        var fields = Fields()
        fields.add("rt", "\(event.time.milliseconds)")
        fields.add("deviceExternalId", origin, limit: 255)
        fields.add("act", event.action, limit: 63)
        fields.add("outcome", event.outcome, limit: 63)
        fields.add("cn1Label", event.isCheckpoint ? "size" : "sequence")
        fields.add("cn1", "\(event.number)")
        if let leaf = event.leaf {
            if !leaf.actor.id.isEmpty { fields.add("suid", leaf.actor.id, limit: 1023) }
            add(address: leaf.actor.address, to: &fields)
            fields.custom(1, "object", leaf.object)
            if let reason = leaf.reason { fields.custom(2, "reason", reason) }
            if let request = leaf.request_id { fields.custom(3, "requestId", request) }
            fields.custom(4, "actorType", leaf.actor.type)
            fields.custom(5, "client", leaf.actor.client)
            if !leaf.details.isEmpty {
                let details = String(decoding: JSONText.object { leaf.writeDetails(to: &$0) }, as: UTF8.self)
                fields.custom(6, "details", details)
                // Whoever reads a cut value must see that it is cut; the leaf is whole in the ledger.
                if details.utf8.count > longestCustom {
                    fields.add("cn2Label", "detailsBytes")
                    fields.add("cn2", "\(details.utf8.count)")
                }
            }
        } else if let text = event.text {
            fields.custom(1, event.isCheckpoint ? "checkpoint" : "leaf", text)
        }
        return Array("\(header)|\(severity.cef)|\(fields.text)".utf8)
    }

    private static func add(address: String?, to fields: inout Fields) {
        switch address.flatMap(AddressFamily.init(of:)) {
        case .ipv4: fields.add("src", address ?? "")
        case .ipv6:
            fields.add("c6a2Label", "Source IPv6 Address")
            fields.add("c6a2", address ?? "")
        case nil: break
        }
    }

    private struct Fields {
        private(set) var text = ""

        mutating func add(_ key: String, _ value: String, limit: Int = .max) {
            if !text.isEmpty { text += " " }
            text += "\(key)=\(escaped(value: prefix(of: value, octets: limit)))"
        }

        mutating func custom(_ number: Int, _ label: String, _ value: String) {
            add("cs\(number)Label", label)
            add("cs\(number)", value, limit: longestCustom)
        }
    }

    /// The longest beginning of whole characters in so many octets.
    private static func prefix(of text: String, octets: Int) -> String {
        guard text.utf8.count > octets else { return text }
        var end = text.utf8.index(text.startIndex, offsetBy: octets)
        while end.samePosition(in: text.unicodeScalars) == nil { end = text.utf8.index(before: end) }
        return String(text[..<end])
    }

    /// A header ends at a pipe, and has no line breaks at all.
    private static func escaped(header: String) -> String {
        escaped(header, also: "|") { _ in " " }
    }

    /// A value ends where the next `key=` begins; line breaks are written as `\n` and `\r`.
    private static func escaped(value: String) -> String {
        escaped(value, also: "=") { scalar in
            switch scalar {
            case "\n": "\\n"
            case "\r": "\\r"
            default: "\\\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            }
        }
    }

    private static func escaped(_ text: String, also special: Unicode.Scalar, control: (Unicode.Scalar) -> String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\", special:
                result.append("\\")
                result.append(scalar)
            case _ where scalar.value < 0x20 || scalar.value == 0x7F: result.append(contentsOf: control(scalar).unicodeScalars)
            default: result.append(scalar)
            }
        }
        return String(result)
    }
}
