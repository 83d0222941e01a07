import FaxModel

/// Ids sort by age, so a span of time is a span of ids.
extension FaxID {
    /// No id of this moment or a later one sorts before it, and all older ones do: 48 bits of milliseconds in hexadecimal.
    static func bound(_ moment: Timestamp) -> String {
        let digits = String(min(max(moment.milliseconds, 0), 0xFFFF_FFFF_FFFF), radix: 16)
        return String(repeating: "0", count: 12 - digits.count) + digits
    }
}
