import Vault

/// A key file that opens nothing by itself: who wrapped the key, under which key, and the result.
struct WrappedKeyFile: Sendable, Equatable {
    static let firstLine = "faxlock wrapped key-encryption key 1"
    static let maximumCiphertext = 4096

    let custodian: String
    let key: String
    let ciphertext: [UInt8]

    init(custodian: String, key: String, ciphertext: [UInt8]) {
        self.custodian = custodian
        self.key = key
        self.ciphertext = ciphertext
    }

    /// Whether the text says that it is such a file, well formed or not.
    static func isWrapped(_ text: borrowing SecretBytes) -> Bool {
        text.withBytes { TextLines.lines(of: $0).first?.elementsEqual(firstLine.utf8) ?? false }
    }

    /// - Throws: ``CustodyError/malformedWrappedFile(_:)``.
    init(text: borrowing SecretBytes, origin: String) throws(CustodyError) {
        let fields = text.withBytes { bytes -> [String]? in
            let lines = TextLines.lines(of: bytes)
            guard lines.count == 4, lines[0].elementsEqual(Self.firstLine.utf8) else { return nil }
            let values = zip(lines.dropFirst(), ["custodian: ", "key: ", "ciphertext: "]).compactMap { line, name -> String? in
                guard line.starts(with: name.utf8), line.allSatisfy({ (0x20...0x7E).contains($0) }) else { return nil }
                return String(decoding: line.dropFirst(name.utf8.count), as: UTF8.self)
            }
            return values.count == 3 ? values : nil
        }
        guard let fields, !fields[1].isEmpty, let ciphertext = Base64.decode(Array(fields[2].utf8)),
            (1...Self.maximumCiphertext).contains(ciphertext.count)
        else { throw .malformedWrappedFile(origin) }
        self.init(custodian: fields[0], key: fields[1], ciphertext: ciphertext.withBytes { Array($0) })
    }

    var text: SecretBytes {
        SecretBytes("\(Self.firstLine)\ncustodian: \(custodian)\nkey: \(key)\nciphertext: \(Base64.text(ciphertext))\n".utf8)
    }
}
