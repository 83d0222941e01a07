import Crypto

/// Database columns that hold PHI.
extension KeyRing {
    private static let columnVersion: UInt8 = 1

    /// Seals the value of one column of one row.
    ///
    /// The key is derived for table, column and row, so that a value copied elsewhere opens nowhere.
    ///
    /// - Parameter row: the row's key; it must not change while the value lives.
    /// - Returns: version (1 byte), nonce (12), ciphertext, tag (16): 29 bytes more than `value`.
    /// - Throws: ``KeyError/missingRoot(_:)``.
    package func sealColumn(
        _ value: [UInt8], table: String, column: String, row: String
    ) throws(KeyError) -> [UInt8] {
        let key = try columnKey(table: table, column: column, row: row)
        var result: Result<[UInt8], KeyError> = .failure(.notAuthentic("column value"))
        value.withUnsafeBytes { bytes in
            result = Result { () throws(KeyError) in
                try SealedBytes.seal(bytes, under: key, as: "column value", binding: [Self.columnVersion])
            }
        }
        return [Self.columnVersion] + (try result.get())
    }

    /// The value that ``sealColumn(_:table:column:row:)`` sealed for this place.
    ///
    /// - Throws: ``KeyError/notAuthentic(_:)``, ``KeyError/missingRoot(_:)``.
    package func openColumn(
        _ sealed: [UInt8], table: String, column: String, row: String
    ) throws(KeyError) -> [UInt8] {
        guard sealed.first == Self.columnVersion else { throw .notAuthentic("column value") }
        let key = try columnKey(table: table, column: column, row: row)
        return try SealedBytes.open(
            sealed.dropFirst(), under: key, as: "column value", binding: [Self.columnVersion])
    }

    /// A 32-byte HMAC-SHA256 by which equal values are found. The caller normalises the value (a number to E.164).
    ///
    /// - Parameter label: what is compared, as "faxes.to": values under different labels never match.
    /// - Throws: ``KeyError/missingRoot(_:)``.
    package func blindIndex(_ value: String, label: String) throws(KeyError) -> [UInt8] {
        let key = HKDF<SHA256>.expand(
            pseudoRandomKey: try rootKey(.blindIndex),
            info: SealedBytes.binding("faxlock/1/blind-index", tenant.rawValue, label), outputByteCount: 32)
        return Array(HMAC<SHA256>.authenticationCode(for: Array(value.utf8), using: key))
    }

    private func columnKey(table: String, column: String, row: String) throws(KeyError) -> SymmetricKey {
        HKDF<SHA256>.expand(
            pseudoRandomKey: try rootKey(.columns),
            info: SealedBytes.binding("faxlock/1/column", tenant.rawValue, table, column, row), outputByteCount: 32)
    }
}
