import Crypto

/// The words by which a ledger's key signs that a doctor's report was recorded.
///
/// Four lines: `faxlock doctor report`, the ledger's origin, SHA-256 of the report in hexadecimal, when it was recorded. They cannot be
/// mistaken for a checkpoint, whose second line is a number and whose third line is a hash in base 64, nor for a change of keys
/// (``LedgerKeyChange``), whose first line is another.
package struct DoctorStatement: Sendable, Hashable {
    /// SHA-256 of the report, 64 lower-case hexadecimal digits.
    package let digest: String
    /// When the server recorded it, ISO 8601.
    package let time: String

    /// Nil unless `digest` is 64 lower-case hexadecimal digits and `time` one line.
    package init?(digest: String, time: String) {
        guard digest.utf8.count == 64, digest.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }),
            !time.isEmpty, time.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        self.digest = digest
        self.time = time
    }

    /// SHA-256 of a report's bytes, as ``digest`` has it.
    package static func digest(of report: [UInt8]) -> String {
        Hexadecimal.encode(SHA256.hash(data: report))
    }

    private func text(origin: String) -> [UInt8] {
        Array("faxlock doctor report\n\(origin)\n\(digest)\n\(time)\n".utf8)
    }

    /// In base 64.
    /// - Throws: as ``LedgerKey`` does.
    package func signature(by key: LedgerKey) throws -> String {
        Base64.encode(try key.signature(over: text(origin: key.origin)))
    }

    /// Whether `key` signed these words.
    package func isSigned(_ signature: String, by key: VerifierKey) -> Bool {
        Base64.decode(signature).map { key.isValid(signature: $0, over: text(origin: key.name)) } ?? false
    }
}
