import FoundationEssentials

/// The file of trunks: `{"trunks": [{"name": ..., "server": ...}, ...]}`, see docs/trunks.md. These calls block for a moment: they belong to
/// start-up and to commands.
package enum TrunkFile {
    /// The trunks in their order.
    /// - Throws: ``TrunkFileError``.
    package static func read(_ path: String) throws(TrunkFileError) -> [Trunk] {
        let bytes: Data
        do {
            bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw TrunkFileError(path: path, problem: "cannot be read: check the name and who may read it")
        }
        return try parse(bytes, path: path)
    }

    static func parse(_ bytes: Data, path: String) throws(TrunkFileError) -> [Trunk] {
        let content: Content
        do {
            content = try JSONDecoder().decode(Content.self, from: bytes)
        } catch let error as TrunkEntry.UnknownField {
            throw TrunkFileError(path: path, problem: "there is no field \(error.name)")
        } catch let error as DecodingError {
            throw TrunkFileError(path: path, problem: Self.explanation(error))
        } catch {
            throw TrunkFileError(path: path, problem: "is no JSON object with an array \"trunks\"")
        }
        guard !content.trunks.isEmpty else { throw TrunkFileError(path: path, problem: "has no trunk") }
        var trunks: [Trunk] = []
        for entry in content.trunks {
            guard !trunks.contains(where: { $0.name == entry.name }) else {
                throw TrunkFileError(path: path, problem: "has two trunks with the name \(entry.name)")
            }
            do throws(TrunkEntry.Problem) {
                var trunk = try entry.trunk()
                trunk.credentials = try entry.credentials()
                trunks.append(trunk)
            } catch {
                throw TrunkFileError(path: path, problem: "trunk \(entry.name): \(error.text)")
            }
        }
        return trunks
    }

    private struct Content: Decodable {
        let trunks: [TrunkEntry]
    }

    /// Where in the file, without its values.
    private static func explanation(_ error: DecodingError) -> String {
        func place(_ context: DecodingError.Context) -> String {
            let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
            return path.isEmpty ? "the file" : path
        }
        switch error {
        case .keyNotFound(let key, let context): return "\(place(context)): \(key.stringValue) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context): return "\(place(context)) has a value of the wrong kind"
        case .dataCorrupted(let context):
            return context.codingPath.isEmpty ? "is no JSON" : "\(place(context)) has a value that cannot be used"
        @unknown default: return "cannot be understood"
        }
    }
}
