package import FaxModel
import FoundationEssentials
import GRDB
import Vault

/// What a request with an `Idempotency-Key` is known by. Neither the key nor anything of the request can be told from it.
package struct IdempotencyMark: Sendable, Hashable {
    /// HMAC of the key and of whoever uses it.
    let key: Data
    /// HMAC of what was asked.
    let fingerprint: Data
}

/// What the database knows of a request with an `Idempotency-Key`.
package enum IdempotencyFinding: Sendable, Hashable {
    /// The key was not used, or more than a day ago.
    case new
    /// The same request was accepted before, as these faxes.
    case repeated(faxes: [FaxID], batch: FaxID?)
    /// The key was used for another request.
    case other
}

/// Requests that may be repeated without a second fax (draft-ietf-httpapi-idempotency-key-header).
extension FaxStore {
    /// How long a key is remembered.
    package static let idempotencyLifetime = Duration.seconds(24 * 3600)

    /// Another request with the same key came first.
    package struct KeyInUse: Error, CustomStringConvertible {
        package var description: String { "the idempotency key is in use" }
    }

    /// - Parameters:
    ///   - key: as the client wrote it.
    ///   - owner: the principal's id: keys of different principals never meet.
    ///   - digest: SHA-256 over all of the request.
    package func idempotencyMark(key: String, owner: String, digest: some Sequence<UInt8>) throws -> IdempotencyMark {
        IdempotencyMark(
            key: Data(try keyRing.blindIndex("\(owner)\n\(key)", label: "idempotency.key")),
            fingerprint: Data(try keyRing.blindIndex(Self.hex(digest), label: "idempotency.request")))
    }

    package func finding(for mark: IdempotencyMark) async throws -> IdempotencyFinding {
        let oldest = clock().advanced(by: .zero - Self.idempotencyLifetime)
        return try await read { database in
            let select = try database.cachedStatement(
                sql: "SELECT fingerprint, fax, batch FROM idempotency_keys WHERE key_index = ? AND created_at > ?")
            guard let row = try Row.fetchOne(select, arguments: [mark.key, oldest.milliseconds]) else { return .new }
            guard row["fingerprint"] as Data == mark.fingerprint else { return .other }
            if let fax = (row["fax"] as String?).flatMap({ FaxID($0) }) { return .repeated(faxes: [fax], batch: nil) }
            guard let batch = (row["batch"] as String?).flatMap({ FaxID($0) }) else {
                throw StoreFailure.damagedRow(table: "idempotency_keys", row: "")
            }
            let faxes = try String.fetchAll(
                database, sql: "SELECT id FROM faxes WHERE batch = ? ORDER BY id", arguments: [batch.text])
            return .repeated(faxes: faxes.compactMap { FaxID($0) }, batch: batch)
        }
    }

    /// Forgets keys of which a day has passed.
    /// - Returns: how many.
    @discardableResult
    package func forgetIdempotencyKeys() async throws -> Int {
        let oldest = clock().advanced(by: .zero - Self.idempotencyLifetime)
        return try await commit { database in
            try database.execute(sql: "DELETE FROM idempotency_keys WHERE created_at <= ?", arguments: [oldest.milliseconds])
            return database.changesCount
        }
    }

    /// Remembers a request in the transaction that accepts it.
    /// - Throws: ``KeyInUse``.
    func remember(_ mark: IdempotencyMark, fax: FaxID?, batch: FaxID?, in database: Database) throws {
        let now = clock()
        let oldest = now.advanced(by: .zero - Self.idempotencyLifetime)
        try database.cachedStatement(sql: "DELETE FROM idempotency_keys WHERE key_index = ? AND created_at <= ?")
            .execute(arguments: [mark.key, oldest.milliseconds])
        try database.cachedStatement(
            sql: "INSERT OR IGNORE INTO idempotency_keys (key_index, fingerprint, fax, batch, created_at) VALUES (?, ?, ?, ?, ?)"
        ).execute(arguments: [mark.key, mark.fingerprint, fax?.text, batch?.text, now.milliseconds])
        guard database.changesCount == 1 else { throw KeyInUse() }
    }
}
