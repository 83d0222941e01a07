/// What Asterisk's log has of the messages between it and one of our addresses.
enum SIPTraffic {
    struct Message {
        /// Whether Asterisk received it.
        let isOurs: Bool
        /// `UDP`, `TCP` or `TLS`.
        let transport: String
        fileprivate var lines: [Substring]

        func begins(_ text: String) -> Bool { lines.first?.hasPrefix(text) == true }
        func has(_ text: String) -> Bool { lines.contains { $0.contains(text) } }
    }

    /// - Parameter log: `<--- Received SIP request (331 bytes) from UDP:127.0.0.2:5060 --->` and the message below it, up to the next line of
    ///   the log, which begins with the time in brackets.
    static func messages(in log: String, with address: String) -> [Message] {
        var messages: [Message] = []
        var isInside = false
        for line in log.split(whereSeparator: \.isNewline) {
            if let mark = line.firstRange(of: "<--- "), line.hasSuffix("--->"), line.contains(" SIP re") {
                let head = line[mark.upperBound...]
                isInside = head.contains(":\(address):")
                guard isInside, let end = head.firstRange(of: ":\(address):") else { continue }
                let transport = head[..<end.lowerBound].split(separator: " ").last.map(String.init) ?? ""
                messages.append(Message(isOurs: head.hasPrefix("Received"), transport: transport, lines: []))
            } else if line.hasPrefix("[20") {
                isInside = false
            } else if isInside, !messages.isEmpty {
                messages[messages.count - 1].lines.append(line)
            }
        }
        return messages
    }
}
