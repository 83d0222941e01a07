/// A JSON object that is written byte by byte, its members in the order in which they are given (RFC 8259).
struct JSONText {
    private var bytes: [UInt8] = []
    private var needsComma = false

    /// The bytes of an object, without white space.
    static func object(_ members: (inout JSONText) -> Void) -> [UInt8] {
        var json = JSONText()
        json.bytes.reserveCapacity(1024)
        json.inObject(members)
        return json.bytes
    }

    mutating func member(_ name: String, _ value: String) {
        begin(name)
        append(string: value)
    }

    mutating func member(_ name: String, _ value: String?) {
        begin(name)
        if let value { append(string: value) } else { bytes.append(contentsOf: "null".utf8) }
    }

    mutating func member(_ name: String, _ value: some FixedWidthInteger) {
        begin(name)
        bytes.append(contentsOf: String(value).utf8)
    }

    mutating func member(_ name: String, _ value: Bool) {
        begin(name)
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    mutating func member(_ name: String, _ members: (inout JSONText) -> Void) {
        begin(name)
        inObject(members)
    }

    /// A member whose value is the bytes of a JSON string's content.
    mutating func member(_ name: String, utf8: some Sequence<UInt8>) {
        begin(name)
        append(utf8: utf8)
    }

    /// The members in the bytes of another object, after those that are here.
    mutating func members(ofObject object: [UInt8]) {
        guard object.count > 2 else { return }
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        bytes.append(contentsOf: object[1..<(object.count - 1)])
        needsComma = true
    }

    private mutating func inObject(_ members: (inout JSONText) -> Void) {
        bytes.append(UInt8(ascii: "{"))
        needsComma = false
        members(&self)
        bytes.append(UInt8(ascii: "}"))
        needsComma = true
    }

    private mutating func begin(_ name: String) {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        append(string: name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = true
    }

    private mutating func append(string: String) {
        append(utf8: string.utf8)
    }

    private mutating func append(utf8: some Sequence<UInt8>) {
        bytes.append(UInt8(ascii: "\""))
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0x0A: bytes.append(contentsOf: #"\n"#.utf8)
            case 0..<0x20, 0x7F:
                bytes.append(contentsOf: #"\u00"#.utf8)
                bytes.append(Self.digits[Int(byte >> 4)])
                bytes.append(Self.digits[Int(byte & 15)])
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static let digits = Array("0123456789abcdef".utf8)
}
