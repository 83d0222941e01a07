package import FaxModel
import FoundationEssentials
import GRDB
package import Ledger
import Vault

/// A legal hold: the documents of a fax, sent or received, are not destroyed while it lies.
package struct LegalHold: Sendable, Equatable {
    package let fax: FaxID
    package let reason: String
    /// The id of the principal that placed it.
    package let placedBy: String
    package let placedAt: Timestamp
}

extension FaxStore {
    /// Places a hold. The data keys of the fax's documents move from their months to an epoch of the hold, so that the destruction of a
    /// month does not touch them. A fax with a key of its own keeps that.
    /// - Throws: ``StoreFailure/unknownFax(_:)``, ``StoreFailure/alreadyHeld(_:)``, ``StoreFailure/nothingToHold(_:)``.
    package func placeHold(on fax: FaxID, reason: AccessReason, by initiator: Initiator) async throws -> LegalHold {
        // Made before the transaction that needs it. If that fails, retention destroys the unused key.
        let epoch = try await adopt(try OwnEpoch.hold.name())
        let hold = LegalHold(fax: fax, reason: reason.description, placedBy: initiator.id, placedAt: clock())
        try await commit { [self] database in
            if try Int.fetchOne(database, sql: "SELECT 1 FROM holds WHERE fax = ?", arguments: [fax.text]) != nil {
                throw StoreFailure.alreadyHeld(fax)
            }
            let rows = try Self.documents(of: fax, in: database)
            guard !rows.isEmpty else { throw StoreFailure.unknownFax(fax) }
            let documents = try rows.filter { $0["shredded_at"] as Int64? == nil }.map { try Self.document($0) }
            guard !documents.isEmpty else { throw StoreFailure.nothingToHold(fax) }
            let moved = try move(documents.filter { OwnEpoch($0.epoch) == nil }, to: epoch, in: database)
            try database.execute(
                sql: "INSERT INTO holds (fax, reason, placed_by, placed_at) VALUES (?, ?, ?, ?)",
                arguments: [fax.text, hold.reason, hold.placedBy, hold.placedAt.milliseconds])
            var details: [String: LedgerValue] = ["hold": .text(hold.reason), "documents": .integer(Int64(documents.count))]
            if moved > 0 { details["epoch"] = .text(epoch.rawValue) }
            try ledger.append(LedgerEvent(.holdPlaced, object: "fax/\(fax)", by: initiator, details: details), in: database)
        }
        return hold
    }

    /// Releases a hold: the documents go to the epoch of the current month, and retention counts as if there had been no hold.
    /// - Throws: ``StoreFailure/notHeld(_:)``.
    package func releaseHold(on fax: FaxID, by initiator: Initiator) async throws {
        let epoch = try await currentEpoch()
        try await commit { [self] database in
            try database.execute(sql: "DELETE FROM holds WHERE fax = ?", arguments: [fax.text])
            guard database.changesCount == 1 else { throw StoreFailure.notHeld(fax) }
            let documents = try Self.documents(of: fax, in: database)
                .filter { $0["shredded_at"] as Int64? == nil }.map { try Self.document($0) }
            let moved = try move(documents.filter { OwnEpoch($0.epoch) == .hold }, to: epoch, in: database)
            try ledger.append(
                LedgerEvent(
                    .holdReleased, object: "fax/\(fax)", by: initiator,
                    details: ["documents": .integer(Int64(moved)), "epoch": .text(epoch.rawValue)]), in: database)
        }
    }

    /// All holds, in the order in which they were placed.
    package func holds() async throws -> [LegalHold] {
        try await read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM holds ORDER BY placed_at, fax").map { row in
                let text: String = row["fax"]
                guard let fax = FaxID(text) else { throw StoreFailure.damagedRow(table: "holds", row: text) }
                return LegalHold(
                    fax: fax, reason: row["reason"], placedBy: row["placed_by"],
                    placedAt: Timestamp(milliseconds: row["placed_at"]))
            }
        }
    }

    /// Wraps the data keys of documents by another epoch's key; the blobs stay as they are.
    /// - Returns: how many.
    private func move(_ documents: [StoredDocument], to epoch: EpochName, in database: Database) throws -> Int {
        for document in documents {
            let key = try keyRing.unwrap(WrappedDataKey(epoch: document.epoch, sealed: document.wrappedKey), document: document.id)
            let wrapped = try keyRing.wrap(key, document: document.id, epoch: epoch)
            try database.execute(
                sql: "UPDATE documents SET epoch = ?, wrapped_key = ? WHERE id = ?",
                arguments: [epoch.rawValue, Data(wrapped.sealed), document.id.rawValue])
        }
        return documents.count
    }
}
