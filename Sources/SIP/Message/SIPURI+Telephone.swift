extension SIPURI {
    /// The telephone number that the URI names: digits with a leading `+` when it is global, without visual separators
    /// (RFC 3966 3, RFC 3261 19.1.6). A local number with `phone-context=+1...` becomes global; parameters of number
    /// portability (`npdi`, `rn`; RFC 4694) do not change what was dialled. Nil for names and for anything else. Not for logs.
    package var telephoneNumber: String? {
        guard scheme == .tel || isSIP, let user = decodedUser else { return nil }
        let parts = user.split(separator: ";", omittingEmptySubsequences: false)
        var number: [UInt8] = []
        for byte in (parts.first ?? "").utf8 {
            if byte.isDigit || (number.isEmpty && byte == UInt8(ascii: "+")) {
                number.append(byte)
            } else if !"-.() ".utf8.contains(byte) {
                return nil
            }
        }
        let digits = number.count(where: \.isDigit)
        guard (1...32).contains(digits) else { return nil }
        if number.first != UInt8(ascii: "+"), let context = phoneContext(parts.dropFirst()) { number = context + number }
        return String(decoding: number, as: UTF8.self)
    }

    /// The global prefix of a local number; nil when the context is a domain or absent.
    private func phoneContext(_ userParameters: some Sequence<Substring>) -> [UInt8]? {
        let name = "phone-context="
        let inUser = userParameters.first { $0.prefix(name.count).equalsIgnoringCase(name) }.map { String($0.dropFirst(name.count)) }
        guard let context = inUser ?? parameter("phone-context"), context.utf8.first == UInt8(ascii: "+") else { return nil }
        let digits = context.utf8.dropFirst().filter { !"-.()".utf8.contains($0) }
        guard (1...15).contains(digits.count), digits.allSatisfy(\.isDigit) else { return nil }
        return [UInt8(ascii: "+")] + digits
    }
}
