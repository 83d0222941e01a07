package import Store
package import Vault
package import Workers

extension Documents {
    /// The whole document, opened, in memory: for a worker process. It is complete or this throws.
    package func memoryFile(of id: DocumentID) async throws -> MemoryFile {
        let reader = try await open(id)
        let file = try MemoryFile()
        for try await chunk in reader.chunks { try file.append(chunk) }
        return file
    }
}
