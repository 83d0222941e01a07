import FaxModel

/// Records as syslog messages (RFC 5424) in the framing of syslog over TLS (RFC 5425 4.3).
///
/// MSG is MSG-ANY, never MSG-UTF8: a byte order mark before it would be no JSON any more (RFC 8259 8.1) and would change the bytes that the
/// ledger hashed. JSON and CEF are UTF-8 by their own definitions.
struct SyslogMessage: Sendable {
    /// RFC 5424 table 1: log audit.
    static let facility = 13
    /// The enterprise number that RFC 5612 sets aside for examples; Faxlock has none of its own.
    static let dataID = "faxlock@32473"
    private let formatter: AuditFormatter
    private let host: String
    private let processID: Int32

    init(formatter: AuditFormatter, host: String, processID: Int32) {
        self.formatter = formatter
        self.host = Self.printable(host, limit: 255)
        self.processID = processID
    }

    /// The message with its length before it: `MSG-LEN SP SYSLOG-MSG`.
    func frame(_ record: AuditRecord) -> [UInt8] {
        let message = encode(record)
        return Array("\(message.count) ".utf8) + message
    }

    func encode(_ record: AuditRecord) -> [UInt8] {
        let event = AuditEvent(record)
        let severity = ActionClass.of(event.action).severity(outcome: event.outcome).syslog
        let action = Self.printable(event.action, limit: 32)
        let header = "<\(Self.facility * 8 + severity)>1 \(event.time) \(host) faxlock \(processID) \(action) \(data(event)) "
        return Array(header.utf8) + formatter.line(record)
    }

    /// SD-ELEMENT (RFC 5424 6.3): enough to sort, and to drop what comes a second time, without reading MSG.
    private func data(_ event: AuditEvent) -> String {
        var text = "[\(Self.dataID) \(event.isCheckpoint ? "size" : "seq")=\"\(event.number)\" origin=\"\(Self.escaped(formatter.origin))\""
        if let leaf = event.leaf {
            text += " outcome=\"\(Self.escaped(leaf.outcome))\" actor=\"\(Self.escaped(leaf.actor.type))\""
            text += " object=\"\(Self.escaped(leaf.object))\""
        }
        return text + "]"
    }

    /// PARAM-VALUE (6.3.3): a quote, a backslash and a bracket are escaped. Control characters, which it should not have, become spaces.
    private static func escaped(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" || scalar == "]" { result.append("\\") }
            result.append(scalar.value < 0x20 || scalar.value == 0x7F ? " " : scalar)
        }
        return String(result)
    }

    /// PRINTUSASCII of at most so many characters; `-` for nothing.
    private static func printable(_ text: String, limit: Int) -> String {
        let bytes = text.utf8.filter { (0x21...0x7E).contains($0) }.prefix(limit)
        return bytes.isEmpty ? "-" : String(decoding: bytes, as: UTF8.self)
    }
}
