package import Vault

extension Documents {
    /// Seals a copy of an upload, under keys of its own: what is kept and destroyed is decided for each fax by itself.
    ///
    /// It streams: no more than some hundred kilobytes are in memory. The copy is durable and in no row yet, as after
    /// ``DocumentWriter/finish()``.
    /// - Throws: as ``open(_:)-(DocumentID)``, or what kept the copy from being written; then nothing is left of it.
    package func copy(_ id: DocumentID) async throws -> StoredDocument {
        try await copy(try await store.document(id))
    }

    /// A copy of a document that need not be in a row yet.
    package func copy(_ document: StoredDocument) async throws -> StoredDocument {
        let reader = try await open(document)
        let writer = try await create(.upload)
        do {
            for try await chunk in reader.chunks { try await writer.append(chunk) }
            return try await writer.finish()
        } catch {
            await writer.abort()
            throw error
        }
    }
}
