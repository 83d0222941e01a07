import FaxModel
import FoundationEssentials
import GRDB
import Ledger
import Vault

/// Starts and stops of the server, and its settings over time (45 CFR 164.316(b)(2): six years of what was in force).
extension FaxStore {
    /// Records the start, and each setting that differs from the last start.
    /// - Parameters:
    ///   - settings: values by name, secrets redacted.
    ///   - hidden: names of settings whose values are in the ledger as pseudonyms only.
    package func recordStart(version: String, settings: [String: String], hidden: Set<String>) async throws {
        var values = settings
        for name in hidden {
            if let value = values[name], !value.isEmpty { values[name] = try pseudonym(person: value) }
        }
        let now = values
        try await commit { [ledger, fence] database in
            let last =
                try Data.fetchOne(database, sql: "SELECT value FROM meta WHERE name = 'settings'")
                .flatMap { try? JSONDecoder().decode([String: String].self, from: $0) } ?? [:]
            try ledger.append(
                LedgerEvent(
                    .serverStarted, object: "server", by: .system, details: ["version": .text(version), "start": .integer(fence)]),
                in: database)
            for name in Set(now.keys).union(last.keys).sorted() where now[name] != last[name] {
                try ledger.append(
                    LedgerEvent(
                        .settingChanged, object: "setting/\(name)", by: .system,
                        details: ["from": .text(last[name] ?? ""), "to": .text(now[name] ?? "")]), in: database)
            }
            try database.execute(
                sql: "INSERT OR REPLACE INTO meta (name, value) VALUES ('settings', ?)", arguments: [try JSONEncoder().encode(now)])
            try ledger.checkpoint(in: database)
        }
    }

    /// Records that the server stopped in good order, with a last checkpoint.
    package func recordStop() async throws {
        try await commit { [ledger, fence] database in
            try ledger.append(
                LedgerEvent(.serverStopped, object: "server", by: .system, details: ["start": .integer(fence)]), in: database)
            try ledger.checkpoint(in: database)
        }
    }

    /// Reads every leaf again and compares the tree with the one that is appended to.
    package func ledgerIsWhole() async throws -> Bool {
        let expected = try await ledgerTree()
        var frontier = Frontier()
        while frontier.size < expected.size {
            try Task.checkCancellation()
            let batch = try await ledgerEntries(from: frontier.size, limit: Int(min(2000, expected.size - frontier.size)))
            guard !batch.isEmpty else { return false }
            for entry in batch {
                guard entry.sequence == frontier.size else { return false }
                frontier.append(MerkleHash(leaf: entry.leaf))
            }
        }
        return frontier == expected
    }
}
