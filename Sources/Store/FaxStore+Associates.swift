package import FaxModel
import Foundation
import GRDB
package import Ledger

/// A provider by whom PHI leaves, and the agreement with it (45 CFR 164.308(b)(1), (3), 164.504(e)).
package struct Associate: Sendable, Equatable {
    /// As backends name theirs, `phaxio`.
    package let provider: String
    /// The midnight, UTC, with which the agreement's first day begins.
    package let agreedOn: Timestamp
    /// The midnight with which its last day begins; nil for no end.
    package let expiresOn: Timestamp?
    /// Where the paper is, whom to call. Kept sealed.
    package let note: String
    package let recordedAt: Timestamp

    /// Whether the agreement is in force; on its last day it still is.
    package func isInForce(at now: Timestamp) -> Bool {
        Self.isInForce(agreedOn: agreedOn, expiresOn: expiresOn, at: now)
    }

    fileprivate static func isInForce(agreedOn: Timestamp, expiresOn: Timestamp?, at now: Timestamp) -> Bool {
        agreedOn <= now && expiresOn.map { now < $0.advanced(by: .seconds(86_400)) } ?? true
    }

    /// Whether a provider's name is 1 to 64 of a to z, 0 to 9 and hyphen.
    package static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || $0 == UInt8(ascii: "-") }
    }
}

/// The register of business associates.
extension FaxStore {
    /// All of them, in the order of their names.
    package func associates() async throws -> [Associate] {
        try await read { [columns] database in
            try Row.fetchAll(database, sql: "SELECT * FROM associates ORDER BY provider").map { row in
                let provider: String = row["provider"]
                return Associate(
                    provider: provider, agreedOn: Timestamp(milliseconds: row["agreed_at"]),
                    expiresOn: (row["expires_at"] as Int64?).map { Timestamp(milliseconds: $0) },
                    note: try columns.open(row["sealed_note"], .associateNote, row: provider),
                    recordedAt: Timestamp(milliseconds: row["recorded_at"]))
            }
        }
    }

    /// Whether an agreement with a provider is in force now.
    package func hasAgreement(with provider: String) async throws -> Bool {
        let now = clock()
        return try await read { database in
            guard
                let row = try Row.fetchOne(
                    database.cachedStatement(sql: "SELECT agreed_at, expires_at FROM associates WHERE provider = ?"), arguments: [provider])
            else { return false }
            return Associate.isInForce(
                agreedOn: Timestamp(milliseconds: row["agreed_at"]),
                expiresOn: (row["expires_at"] as Int64?).map { Timestamp(milliseconds: $0) }, at: now)
        }
    }

    /// Records an agreement, in place of an older one with the same provider.
    package func recordAssociate(
        _ provider: String, agreedOn: Timestamp, expiresOn: Timestamp?, note: String, by initiator: Initiator
    ) async throws -> Associate {
        let associate = Associate(
            provider: provider, agreedOn: agreedOn, expiresOn: expiresOn, note: note, recordedAt: clock())
        let sealed = try columns.seal(note, .associateNote, row: provider)
        var details: [String: LedgerValue] = ["agreed_on": .text(String(agreedOn.description.prefix(10)))]
        if let expiresOn { details["expires_on"] = .text(String(expiresOn.description.prefix(10))) }
        let event = LedgerEvent(.associateRecorded, object: "associate/\(provider)", by: initiator, details: details)
        try await commit { [ledger] database in
            try database.execute(
                sql: """
                    INSERT OR REPLACE INTO associates (provider, sealed_note, agreed_at, expires_at, recorded_at) VALUES (?, ?, ?, ?, ?)
                    """,
                arguments: [
                    provider, sealed, agreedOn.milliseconds, expiresOn?.milliseconds, associate.recordedAt.milliseconds,
                ])
            try ledger.append(event, in: database)
        }
        return associate
    }

    /// - Returns: false when there is no such provider.
    package func removeAssociate(_ provider: String, by initiator: Initiator) async throws -> Bool {
        try await commit { [ledger] database in
            try database.execute(sql: "DELETE FROM associates WHERE provider = ?", arguments: [provider])
            guard database.changesCount == 1 else { return false }
            try ledger.append(LedgerEvent(.associateRemoved, object: "associate/\(provider)", by: initiator), in: database)
            return true
        }
    }

    /// What the production profile asks of a data folder before it is opened with its key.
    package struct Readiness: Sendable, Equatable {
        /// Whether a key of the API opens something.
        package var hasKey = false
        /// Providers with agreements in force.
        package var agreements: Set<String> = []
    }

    /// - Returns: nothing of either where there is no database yet, or one of an older version.
    package static func readiness(ofDatabaseAt path: String, now: Timestamp) throws -> Readiness {
        guard FileManager.default.fileExists(atPath: path) else { return Readiness() }
        return try DatabaseQueue(path: path).read { database in
            var readiness = Readiness()
            if try database.tableExists("api_keys") {
                readiness.hasKey =
                    try Int.fetchOne(
                        database, sql: "SELECT 1 FROM api_keys WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?) LIMIT 1",
                        arguments: [now.milliseconds]) != nil
            }
            if try database.tableExists("associates") {
                for row in try Row.fetchAll(database, sql: "SELECT provider, agreed_at, expires_at FROM associates") {
                    let expiresOn = (row["expires_at"] as Int64?).map { Timestamp(milliseconds: $0) }
                    if Associate.isInForce(agreedOn: Timestamp(milliseconds: row["agreed_at"]), expiresOn: expiresOn, at: now) {
                        readiness.agreements.insert(row["provider"])
                    }
                }
            }
            return readiness
        }
    }
}
