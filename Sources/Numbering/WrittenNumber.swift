/// A number as somebody wrote it, without what only makes it easier to read.
struct WrittenNumber: Equatable {
    /// Whether it begins with `+`.
    var isInternational = false
    /// 0 to 9.
    var digits: [UInt8] = []
    var `extension`: String?

    /// Characters of a text at most; a longer one is no number.
    static let maximumLength = 128

    /// - Throws: ``NumberError/notANumber``, ``NumberError/letters``.
    init(_ text: String) throws(NumberError) {
        guard text.utf8.count <= Self.maximumLength else { throw .notANumber }
        var scalars = Self.significant(text)
        Self.dropScheme(&scalars)
        `extension` = try Self.takeExtension(&scalars)
        if scalars.first == "+" || scalars.first == "\u{FF0B}" {
            isInternational = true
            scalars.removeFirst()
        }
        var word: [Unicode.Scalar] = []
        for scalar in scalars {
            if let digit = Self.digit(scalar) {
                try endWord(&word)
                digits.append(digit)
            } else if Self.key(scalar) != nil {
                word.append(scalar)
            } else if !Self.isPunctuation(scalar) {
                throw .notANumber
            }
        }
        try endWord(&word)
        guard !digits.isEmpty else { throw .notANumber }
    }

    // MARK: Letters

    /// A word on the keypad (ITU-T E.161) such as 1-800-FAX-LOCK has three letters at least. Fewer, or nothing but letters that look like
    /// digits, are a slip of the keyboard or of a scanner: to dial them as keys would reach somebody else.
    private mutating func endWord(_ word: inout [Unicode.Scalar]) throws(NumberError) {
        guard !word.isEmpty else { return }
        let lookalikes: Set<Unicode.Scalar> = ["O", "o", "I", "i", "L", "l", "S", "s", "B", "Z", "z"]
        guard word.count >= 3, !digits.isEmpty, word.contains(where: { !lookalikes.contains($0) }) else { throw .letters }
        digits += word.compactMap(Self.key)
        word = []
    }

    private static func key(_ scalar: Unicode.Scalar) -> UInt8? {
        switch scalar {
        case "A"..."C", "a"..."c": 2
        case "D"..."F", "d"..."f": 3
        case "G"..."I", "g"..."i": 4
        case "J"..."L", "j"..."l": 5
        case "M"..."O", "m"..."o": 6
        case "P"..."S", "p"..."s": 7
        case "T"..."V", "t"..."v": 8
        case "W"..."Z", "w"..."z": 9
        default: nil
        }
    }

    // MARK: Digits and what stands between them

    /// Decimal digits of any script: people paste them from where they found them.
    private static func digit(_ scalar: Unicode.Scalar) -> UInt8? {
        if scalar.isASCII { return ("0"..."9").contains(scalar) ? UInt8(scalar.value - 0x30) : nil }
        guard scalar.properties.numericType == .decimal, let value = scalar.properties.numericValue else { return nil }
        return (0...9).contains(value) ? UInt8(value) : nil
    }

    /// Blanks, hyphens and dashes, full stops, slashes, brackets, the tilde; also in the forms that East Asian writing has of them.
    private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case " ", "\t", "-", ".", "/", "(", ")", "[", "]", "~": true
        case "\u{00A0}", "\u{2000}"..."\u{200A}", "\u{202F}", "\u{205F}", "\u{3000}": true
        case "\u{2010}"..."\u{2015}", "\u{2212}", "\u{30FC}", "\u{FF0D}", "\u{FF0E}", "\u{FF0F}": true
        case "\u{FF08}", "\u{FF09}", "\u{FF3B}", "\u{FF3D}", "\u{2053}", "\u{223C}", "\u{FF5E}": true
        default: false
        }
    }

    /// Without blanks around it, and without what shows nothing: soft hyphens, joiners, marks of direction.
    private static func significant(_ text: String) -> [Unicode.Scalar] {
        var scalars = text.unicodeScalars.filter { scalar in
            switch scalar {
            case "\u{00AD}", "\u{200B}"..."\u{200F}", "\u{202A}"..."\u{202E}", "\u{2060}", "\u{2066}"..."\u{2069}", "\u{FEFF}": false
            default: true
            }
        }[...]
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        return Array(scalars.drop { $0.properties.isWhitespace })
    }

    // MARK: Around the number

    /// `tel:` (RFC 3966) and `fax:` (RFC 2806).
    private static func dropScheme(_ scalars: inout [Unicode.Scalar]) {
        let scheme = String(String.UnicodeScalarView(scalars.prefix(4))).lowercased()
        guard scheme == "tel:" || scheme == "fax:" else { return }
        scalars = Array(scalars.dropFirst(4).drop { $0 == " " })
    }

    /// `;ext=12`, `x12`, `ext. 12`, `#12` at the end.
    private static func takeExtension(_ scalars: inout [Unicode.Scalar]) throws(NumberError) -> String? {
        var start = scalars.count
        while start > 0, digit(scalars[start - 1]) != nil { start -= 1 }
        let digits = scalars[start...].compactMap(digit).map(String.init).joined()
        guard !digits.isEmpty, start > 0 else { return nil }
        var head = scalars[..<start]
        while let last = head.last, isPunctuation(last) || last == ":" || last == "=" { head.removeLast() }
        for label in ["extension", "extn", "ext", "x", "#"] where head.count > label.count {
            guard String(String.UnicodeScalarView(head.suffix(label.count))).lowercased() == label else { continue }
            var number = head.dropLast(label.count)
            // A word that ends so, as in 1-800-BOX-1234, is no extension.
            if let before = number.last, key(before) != nil { continue }
            while let last = number.last, isPunctuation(last) || last == "," || last == ";" { number.removeLast() }
            guard digits.utf8.count <= 20, number.contains(where: { digit($0) != nil }) else { throw .notANumber }
            scalars = Array(number)
            return digits
        }
        return nil
    }
}
