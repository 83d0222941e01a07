/// A session description (RFC 8866) with its lines in order. It carries any medium and knows the meaning of none.
package struct SessionDescription: Sendable, Equatable {
    /// The origin line, which names the session and its version (RFC 8866 5.2).
    package struct Origin: Sendable, Equatable {
        /// The user name, `-` for none.
        package var username: String
        /// A number as text; the same in every description of a session.
        package var sessionID: String
        /// A number as text; it grows by one with each change (RFC 3264 8).
        package var version: String
        /// The address of the sender.
        package var address: Connection

        /// Builds an origin of ours.
        package init(username: String = "-", sessionID: UInt64, version: UInt64, address: Connection) {
            self.username = username
            self.sessionID = String(sessionID)
            self.version = String(version)
            self.address = address
        }
    }

    /// `o=`
    package var origin: Origin
    /// `s=`
    package var name: String
    /// Lines of session level that mean nothing here (`i u e p b r z k`).
    package var otherLines: [SDPLine] = []
    /// `c=` of session level, in force for each medium without its own.
    package var connection: Connection?
    /// `t=`, start and stop; both 0 for a call.
    package var timing = "0 0"
    /// `a=` of session level in order.
    package var attributes: [SDPAttribute] = []
    /// The `m=` sections in order. An answer has as many as its offer (RFC 3264 6).
    package var media: [MediaDescription]

    /// Builds a description whose media are received at one address.
    package init(origin: Origin, name: String = "-", media: [MediaDescription]) {
        self.origin = origin
        self.name = name
        connection = origin.address
        self.media = media
    }

    /// The address in force for a medium: its own or that of the session.
    package func connection(of medium: MediaDescription) -> Connection? { medium.connection ?? connection }

    /// The media of an answer to this offer: what `accept` returns for the first medium that it takes, and every other
    /// one refused with port 0, in the order and number of the offer (RFC 3264 6).
    package func answeringMedia(accept: (MediaDescription) -> MediaDescription?) -> [MediaDescription] {
        var isTaken = false
        return media.map { offered in
            guard !isTaken, !offered.isRejected, let answer = accept(offered) else { return offered.rejected }
            isTaken = true
            return answer
        }
    }

    /// The text on the wire.
    package var text: String {
        var lines = ["v=0"]
        lines.append("o=\(origin.username) \(origin.sessionID) \(origin.version) \(origin.address.text)")
        lines.append("s=\(name)")
        lines += otherLines.filter { "iuep".contains($0.type) }.map(\.text)
        if let connection { lines.append("c=\(connection.text)") }
        lines += otherLines.filter { $0.type == "b" }.map(\.text)
        lines.append("t=\(timing)")
        lines += otherLines.filter { "rzk".contains($0.type) }.map(\.text)
        lines += attributes.map { "a=\($0.text)" }
        lines += media.flatMap(\.lines)
        return lines.map { $0.withoutControls + "\r\n" }.joined()
    }

    /// The body of a message.
    package var bytes: [UInt8] { Array(text.utf8) }
}

/// A `c=` value: where media are received (RFC 8866 5.7).
package struct Connection: Sendable, Equatable {
    /// The address, numeric in nearly every case; a host name is allowed.
    package var address: String
    /// `IP4` or `IP6`.
    package var addressType: String

    /// Builds a value; an address with a colon is IPv6.
    package init(address: String) {
        self.address = address
        addressType = address.utf8.contains(UInt8(ascii: ":")) ? "IP6" : "IP4"
    }

    /// The text on the wire.
    package var text: String { "IN \(addressType) \(address)" }

    init(words: some Collection<Substring>) throws(SIPParseFailure) {
        let words = Array(words)
        guard words.count == 3, words[0].equalsIgnoringCase("IN"),
            words[1].equalsIgnoringCase("IP4") || words[1].equalsIgnoringCase("IP6")
        else { throw .malformed("connection") }
        addressType = words[1].uppercased()
        // A multicast suffix (`/ttl`) is no part of the address.
        guard let address = words[2].split(separator: "/").first else { throw .malformed("connection") }
        self.address = String(address)
    }
}

/// A line that is carried as it came.
package struct SDPLine: Sendable, Equatable {
    /// The letter before `=`.
    package let type: Character
    /// What follows it.
    package let value: String

    var text: String { "\(type)=\(value)" }
}
