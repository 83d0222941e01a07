import Dispatch
import Ledger
import NIOPosix
import Synchronization

/// Fetches the ledger from a server, batch by batch, and writes it as an export folder.
struct LedgerDownload {
    let client: APIClient

    /// What was written.
    struct Summary {
        let leaves: Int64
        /// In base 64, as checkpoints have it.
        let root: String
        /// The ledger's first key: what an auditor keeps.
        let key: String
    }

    private struct Head: Decodable {
        let key: String
        let id: Int64
        let size: Int64
        let note: String
    }

    private struct Note: Decodable {
        let id: Int64
        let note: String
    }

    func write(to folder: String) async throws -> Summary {
        let head = try client.decode(Head.self, try await client.call(.post, "/admin/audit/checkpoints"))
        guard let checkpoint = SignedNote(Array(head.note.utf8)), let key = VerifierKey(head.key) else {
            throw CommandFailure(.server, "The server's checkpoint was not understood.")
        }
        // The writer blocks its thread between batches, so it has one that may block.
        let summary = try await NIOThreadPool.singleton.runIfActive {
            var sequence: Int64 = 0
            var note: Int64 = 0
            return try LedgerExport.write(
                to: folder, checkpoint: checkpoint, key: key,
                checkpoints: {
                    guard note < head.id else { return nil }
                    let after = note
                    let batch = try waiting { try await notes(after: after) }.filter { $0.id <= head.id }
                    guard let last = batch.last else { return nil }
                    note = last.id
                    return batch.compactMap { SignedNote(Array($0.note.utf8)) }
                },
                leaves: {
                    guard sequence < head.size else { return nil }
                    let from = sequence
                    let batch = try waiting { try await leaves(from: from, limit: min(5000, head.size - from)) }
                    guard !batch.isEmpty else { return nil }
                    sequence += Int64(batch.count)
                    return batch
                })
        }
        guard let written = Checkpoint(text: checkpoint.text), written.root == summary.root, written.size == summary.leaves else {
            throw CommandFailure(
                .failed, "The server's events do not fit its checkpoint. The export is kept: `faxlock audit verify \(folder)` says where.")
        }
        let root = String(decoding: checkpoint.text, as: UTF8.self).split(separator: "\n").dropFirst(2).first.map(String.init) ?? ""
        return Summary(leaves: summary.leaves, root: root, key: head.key)
    }

    private func notes(after id: Int64) async throws -> [Note] {
        try client.decode([Note].self, try await client.call(.get, "/admin/audit/checkpoints?after=\(id)"))
    }

    private func leaves(from sequence: Int64, limit: Int64) async throws -> [[UInt8]] {
        try await client.call(.get, "/admin/audit/leaves?from=\(sequence)&limit=\(limit)").split(separator: UInt8(ascii: "\n")).map {
            Array($0)
        }
    }

    /// Has the thread wait for `body`. Never on a thread of the cooperative pool.
    private func waiting<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) throws -> Value {
        let answer = Answer<Value>()
        let done = DispatchSemaphore(value: 0)
        Task.detached {
            do {
                let value = try await body()
                answer.result.withLock { $0 = .success(value) }
            } catch {
                answer.result.withLock { $0 = .failure(error) }
            }
            done.signal()
        }
        done.wait()
        guard let result = answer.result.withLock({ $0 }) else { throw CancellationError() }
        return try result.get()
    }

    private final class Answer<Value: Sendable>: Sendable {
        let result = Mutex<Result<Value, any Error>?>(nil)
    }
}
