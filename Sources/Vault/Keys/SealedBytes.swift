import Crypto
import FoundationEssentials

/// AES-256-GCM of small values: nonce (12 random bytes), ciphertext, tag (16), in one array.
enum SealedBytes {
    /// - Throws: ``KeyError/notAuthentic(_:)`` when the cipher refuses, which a 256-bit key rules out.
    static func seal(
        _ value: UnsafeRawBufferPointer, under key: SymmetricKey, as what: String, binding: [UInt8]
    ) throws(KeyError) -> [UInt8] {
        guard let box = try? AES.GCM.seal(value, using: key, authenticating: binding), let combined = box.combined
        else {
            throw .notAuthentic(what)
        }
        return Array(combined)
    }

    /// - Throws: ``KeyError/notAuthentic(_:)`` for anything that was not sealed with this key and binding.
    static func open(
        _ sealed: some Collection<UInt8>, under key: SymmetricKey, as what: String, binding: [UInt8]
    ) throws(KeyError) -> [UInt8] {
        guard let box = try? AES.GCM.SealedBox(combined: Array(sealed)),
            let value = try? AES.GCM.open(box, using: key, authenticating: binding)
        else { throw .notAuthentic(what) }
        return Array(value)
    }

    static func wrap(
        _ key: SymmetricKey, under outer: SymmetricKey, as what: String, binding: [UInt8]
    ) throws(KeyError) -> [UInt8] {
        var result: Result<[UInt8], KeyError> = .failure(.notAuthentic(what))
        key.withUnsafeBytes { bytes in
            result = Result { () throws(KeyError) in try seal(bytes, under: outer, as: what, binding: binding) }
        }
        return try result.get()
    }

    static func unwrap(
        _ sealed: [UInt8], under outer: SymmetricKey, as what: String, binding: [UInt8]
    ) throws(KeyError) -> SymmetricKey {
        guard let box = try? AES.GCM.SealedBox(combined: sealed),
            var bytes = try? AES.GCM.open(box, using: outer, authenticating: binding)
        else { throw .notAuthentic(what) }
        defer { bytes.resetBytes(in: bytes.startIndex..<bytes.endIndex) }
        guard bytes.count == 32 else { throw .notAuthentic(what) }
        return SymmetricKey(data: bytes)
    }

    /// A list of texts as bytes that no other list gives: each is preceded by its length (four bytes, big endian).
    static func binding(_ parts: String...) -> [UInt8] {
        var out: [UInt8] = []
        for part in parts {
            withUnsafeBytes(of: UInt32(part.utf8.count).bigEndian) { out.append(contentsOf: $0) }
            out.append(contentsOf: part.utf8)
        }
        return out
    }
}
