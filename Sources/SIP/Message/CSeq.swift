/// The command sequence of a request (RFC 3261 8.1.1.5): number below 2^31 and method.
package struct CSeq: Sendable, Hashable {
    /// The number, 0 ..< 2^31.
    package var number: UInt32
    /// The method; that of a response is its request's.
    package var method: SIPMethod

    /// Builds a value.
    package init(number: UInt32, method: SIPMethod) {
        self.number = number
        self.method = method
    }

    /// The text on the wire.
    package var text: String { "\(number) \(method.rawValue)" }

    /// Reads a value.
    /// - Throws: `malformed("CSeq")`, also for a number of 2^31 or more.
    package init(parsing value: String) throws(SIPParseFailure) {
        var scanner = ByteScanner(value)
        guard let number = scanner.number(), number < 1 << 31, scanner.peek?.isWhitespace == true else {
            throw .malformed("CSeq")
        }
        scanner.skipWhitespace()
        let method = scanner.take(while: \.isToken)
        guard !method.isEmpty, scanner.isAtEnd else { throw .malformed("CSeq") }
        self.number = UInt32(number)
        self.method = SIPMethod(rawValue: method)
    }
}
