import FaxModel
import Numbering

/// How the text of a setting becomes its value, and what to tell whoever wrote it wrong.
struct ValueSyntax<Value: Sendable>: Sendable {
    /// What is expected, to follow "expected".
    let expected: String
    /// The value may be the content of a file that `NAME_FILE` names.
    var acceptsFile = false
    var isSecret = false
    let parse: @Sendable (String) -> Value?
    /// The value as text that ``parse`` reads again; a secret is redacted.
    let format: @Sendable (Value) -> String
}

extension ValueSyntax<Bool> {
    static let boolean = ValueSyntax(
        expected: "true or false",
        parse: { text in
            switch text.lowercased() {
            case "true", "1", "yes", "on": true
            case "false", "0", "no", "off": false
            default: nil
            }
        }, format: { $0 ? "true" : "false" })
}

extension ValueSyntax<Int> {
    static func integer(_ range: ClosedRange<Int>) -> ValueSyntax {
        ValueSyntax(
            expected: "a whole number from \(range.lowerBound) to \(range.upperBound)",
            parse: { text in Int(text).flatMap { range.contains($0) ? $0 : nil } }, format: { String($0) })
    }
}

extension ValueSyntax where Value: RawRepresentable<String> {
    /// One of some words, in any case.
    static func choice(_ choices: [Value]) -> ValueSyntax {
        ValueSyntax(
            expected: "one of " + choices.map(\.rawValue).joined(separator: ", "),
            parse: { text in choices.first { $0.rawValue == text.lowercased() } }, format: { $0.rawValue })
    }
}

extension ValueSyntax<Secret> {
    /// What can stand in an HTTP header field: 1 to 512 printable ASCII characters without space.
    static let token = ValueSyntax(
        expected: "1 to 512 printable ASCII characters without spaces", acceptsFile: true, isSecret: true,
        parse: { text in
            (1...512).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
                ? Secret(text) : nil
        }, format: { _ in Secret.redacted })
}

extension ValueSyntax<Secret> {
    /// As ``token``, of any length that a header field may have.
    static let longToken = ValueSyntax(
        expected: "1 to 8192 printable ASCII characters without spaces", acceptsFile: true, isSecret: true,
        parse: { text in
            (1...8192).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) } ? Secret(text) : nil
        }, format: { _ in Secret.redacted })
}

extension ValueSyntax<[String]> {
    /// Texts between commas.
    static func list(of what: String) -> ValueSyntax {
        ValueSyntax(
            expected: "\(what), separated by commas",
            parse: { text in
                let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { part in
                    String(part.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
                }
                return parts.contains(where: \.isEmpty) || text.utf8.contains(0) ? nil : parts
            }, format: { $0.joined(separator: ",") })
    }
}

extension ValueSyntax<String> {
    private static func text(
        _ expected: String, acceptsFile: Bool = true, parse: @escaping @Sendable (String) -> String?
    ) -> ValueSyntax {
        ValueSyntax(expected: expected, acceptsFile: acceptsFile, parse: parse, format: { $0 })
    }

    /// The id of a mailbox.
    static let mailbox = text("the id of a mailbox: 1 to 64 of a to z, 0 to 9 and hyphen") { text in
        let isAllowed = text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || $0 == UInt8(ascii: "-") }
        return (1...64).contains(text.utf8.count) && isAllowed ? text : nil
    }

    /// Printable text of one line.
    static func line(maximumLength: Int) -> ValueSyntax {
        text("one line of at most \(maximumLength) characters") { text in
            text.count <= maximumLength && !text.isEmpty && text.unicodeScalars.allSatisfy(isPrintable) ? text : nil
        }
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned: false
        default: true
        }
    }

    /// The CSI signal of ITU-T T.30 (09/2005) 5.3.6.2.4: at most 20 of `+`, digits and space.
    static let stationID = text("at most 20 characters of digits, + and space (T.30 CSI)") { text in
        let isAllowed = text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2B || $0 == 0x20 }
        let hasDigit = text.utf8.contains { (0x30...0x39).contains($0) }
        return text.utf8.count <= 20 && isAllowed && hasDigit ? text : nil
    }

    /// Kept in capitals.
    static let region = text("the two letters of a country (ISO 3166-1), such as US") { text in
        text.utf8.count == 2 && NumberPlan.world.hasRegion(text) ? text.uppercased() : nil
    }

    static let file = text("the path of a file", acceptsFile: false) { text in
        text.utf8.contains(0) || text.hasSuffix("/") ? nil : text
    }

    /// Without the slashes at its end, so that a name beside the folder can be made by adding to it.
    static let folder = text("the path of a folder, other than /, . and ..", acceptsFile: false) { text in
        var path = text[...]
        while path.last == "/" { path.removeLast() }
        let name = path.split(separator: "/").last
        guard let name, name != ".", name != "..", !path.utf8.contains(0) else { return nil }
        return String(path)
    }

    /// A channel of Asterisk: technology, `/`, and once `{number}`. What Asterisk would cut at (`,`, `&`, `|`) has no place in it.
    static let dialTemplate = text(
        "a channel of Asterisk with {number} in it once, such as PJSIP/{number}@faxlock-trunk", acceptsFile: false
    ) {
        text in
        let parts = text.split(separator: "{number}", omittingEmptySubsequences: false)
        let allowed = Set("/@_.+-:;=".utf8)
        let isAllowed = parts.joined().utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || allowed.contains(byte)
        }
        let technology = parts[0].prefix { $0 != "/" }
        return parts.count == 2 && isAllowed && !technology.isEmpty && technology.count < parts[0].count && text.utf8.count <= 200
            ? text : nil
    }

    /// A name or an address to listen on.
    static let host = text("a host name or IP address") { text in
        let isAllowed = text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || [UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: ":"), UInt8(ascii: "%"), UInt8(ascii: "_")]
                    .contains(byte)
        }
        return (1...253).contains(text.utf8.count) && isAllowed ? text : nil
    }

    /// The address that clients know, without the slash at its end.
    static let webAddress = text("an http:// or https:// URL without user, query and fragment") { text in
        let lowercase = text.lowercased()
        guard let scheme = ["https://", "http://"].first(where: { lowercase.hasPrefix($0) }),
            text.utf8.count <= 2048, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            !text.contains(where: { #"?#@"<>\^`{|}"#.contains($0) })
        else { return nil }
        var path = text.dropFirst(scheme.count)
        while path.last == "/" { path.removeLast() }
        guard let first = path.first, first != "/", first != ":" else { return nil }
        return scheme + path
    }

    /// A name of the IANA time zone database; whether the machine knows it is asked later.
    static let timeZone = text("the IANA name of a time zone that this machine knows, such as America/Chicago") {
        text in
        let names = text.split(separator: "/", omittingEmptySubsequences: false)
        let isName = names.allSatisfy { name in
            !name.isEmpty
                && name.utf8.allSatisfy { byte in
                    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                        || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
                }
        }
        return isName && text.utf8.count <= 64 ? text : nil
    }
}
