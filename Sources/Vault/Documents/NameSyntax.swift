/// The syntax that all names in file names, contexts and authenticated data share, so that none can hold a separator.
enum NameSyntax {
    /// Whether `name` is 1 to `limit` ASCII letters, digits, `-` or `_`.
    static func allows(_ name: String, limit: Int) -> Bool {
        guard (1...limit).contains(name.utf8.count) else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }
}
