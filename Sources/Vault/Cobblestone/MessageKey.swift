import Crypto

/// Key, base nonce and commitment of one sealed stream, and the AES-256-GCM work on single chunks.
struct MessageKey: Sendable {
    let salt: [UInt8]
    let commitment: [UInt8]
    private let key: SymmetricKey
    /// The 96-bit base nonce as three big-endian words.
    private let nonce: (UInt32, UInt32, UInt32)

    /// "key || base nonce || commitment = HKDF-Expand(input key, label || AEAD name || 0x00 || salt || context)".
    init(key input: DataKey, context: String, salt: [UInt8]) {
        var info = Array("c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM".utf8)
        info.append(0)
        info.append(contentsOf: salt)
        info.append(contentsOf: context.utf8)
        let derived = HKDF<SHA512>.expand(
            pseudoRandomKey: input.key, info: info, outputByteCount: 32 + 12 + Cobblestone.commitmentLength)
        self.salt = salt
        (key, nonce, commitment) = derived.withUnsafeBytes { bytes in
            (
                SymmetricKey(data: UnsafeRawBufferPointer(rebasing: bytes[..<32])),
                (
                    UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 32, as: UInt32.self)),
                    UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 36, as: UInt32.self)),
                    UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 40, as: UInt32.self))
                ),
                Array(bytes[44...])
            )
        }
    }

    /// Whether the 56 bytes that begin a stream are this key's.
    ///
    /// The comparison takes the same time wherever the commitments differ.
    func commits(to prefix: [UInt8]) -> Bool {
        guard prefix.count == Cobblestone.prefixLength else { return false }
        var difference: UInt8 = 0
        for (index, byte) in commitment.enumerated() { difference |= byte ^ prefix[Cobblestone.saltLength + index] }
        return difference == 0 && prefix.starts(with: salt)
    }

    /// Appends the sealed form of one chunk to `out`. `plaintext` is at most 16 KiB; the caller numbers the chunks.
    func seal(
        chunk: UInt64, _ plaintext: UnsafeRawBufferPointer, into out: inout [UInt8]
    ) throws(CobblestoneError) {
        guard chunk < Cobblestone.maximumChunks else { throw .tooLong }
        do {
            let box = try AES.GCM.seal(plaintext, using: key, nonce: nonce(of: chunk))
            out.append(contentsOf: box.ciphertext)
            out.append(contentsOf: box.tag)
        } catch {
            throw .corrupt(chunk: chunk)
        }
    }

    /// Appends the plaintext of one sealed chunk (16 to 16,400 bytes) to `out`, or nothing when its tag is wrong.
    func open(chunk: UInt64, _ sealed: UnsafeRawBufferPointer, into out: inout [UInt8]) throws(CobblestoneError) {
        guard chunk < Cobblestone.maximumChunks else { throw .tooLong }
        let length = sealed.count - Cobblestone.tagLength
        guard length >= 0 else { throw .truncated }
        do {
            let box = try AES.GCM.SealedBox(
                nonce: nonce(of: chunk), ciphertext: UnsafeRawBufferPointer(rebasing: sealed[..<length]),
                tag: UnsafeRawBufferPointer(rebasing: sealed[length...]))
            out.append(contentsOf: try AES.GCM.open(box, using: key))
        } catch {
            throw .corrupt(chunk: chunk)
        }
    }

    /// Base nonce XOR chunk number; the number has at most 38 bits, so the first word never changes.
    private func nonce(of chunk: UInt64) throws -> AES.GCM.Nonce {
        let words = (
            nonce.0.bigEndian,
            (nonce.1 ^ UInt32(truncatingIfNeeded: chunk >> 32)).bigEndian,
            (nonce.2 ^ UInt32(truncatingIfNeeded: chunk)).bigEndian
        )
        return try withUnsafeBytes(of: words) { try AES.GCM.Nonce(data: $0) }
    }
}

extension [UInt8] {
    /// `count` bytes from the system's generator.
    static func random(count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count {
            Swift.withUnsafeBytes(of: generator.next() as UInt64) {
                bytes.append(contentsOf: $0.prefix(count - bytes.count))
            }
        }
        return bytes
    }
}
