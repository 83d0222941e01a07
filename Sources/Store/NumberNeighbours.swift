/// Numbers that a slip of a finger makes of a number: one digit another one, or two neighbours in each other's place.
enum NumberNeighbours {
    /// Of 6 to 20 digits, with or without `+`; others have none. At most 199, without `+`, each once.
    static func of(_ number: String) -> [String] {
        let digits = number.utf8.filter { $0 != UInt8(ascii: "+") }
        guard (6...20).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return [] }
        var result: [String] = []
        for place in digits.indices {
            for digit in UInt8(ascii: "0")...UInt8(ascii: "9") where digit != digits[place] {
                var other = digits
                other[place] = digit
                result.append(String(decoding: other, as: UTF8.self))
            }
            // Two that are alike, changed, are the number itself; all others differ in two digits from it.
            if place > 0, digits[place] != digits[place - 1] {
                var other = digits
                other.swapAt(place, place - 1)
                result.append(String(decoding: other, as: UTF8.self))
            }
        }
        return result
    }
}
