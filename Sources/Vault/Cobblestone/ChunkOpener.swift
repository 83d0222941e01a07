/// Opens a sealed stream that comes in pieces of any size.
///
/// Plaintext is released a verified chunk at a time, but the document is whole only when ``finish(into:)`` has
/// returned: until then a cut stream looks like a whole one. After an error every call throws it again.
package struct ChunkOpener: Sendable {
    private let dataKey: DataKey
    private let context: String
    private var key: MessageKey?
    private var partial: [UInt8] = []
    private var chunk: UInt64 = 0
    private var failure: CobblestoneError?

    /// - Parameters:
    ///   - key: the document's data key.
    ///   - context: what the stream must be.
    package init(key: DataKey, context: String) {
        self.dataKey = key
        self.context = context
    }

    /// Takes sealed bytes and appends the plaintext of the full chunks that are there to `out`.
    ///
    /// - Throws: ``CobblestoneError/wrongKeyOrContext``, ``CobblestoneError/corrupt(chunk:)``,
    ///   ``CobblestoneError/finished``.
    package mutating func append(_ sealed: UnsafeRawBufferPointer, into out: inout [UInt8]) throws(CobblestoneError) {
        try rememberingFailure { (self) throws(CobblestoneError) in
            var rest = sealed
            guard let key = try self.takePrefix(&rest) else { return }
            if !self.partial.isEmpty {
                self.fillPartial(upTo: Cobblestone.sealedChunkLength, from: &rest)
                guard self.partial.count == Cobblestone.sealedChunkLength else { return }
                try self.openPartial(with: key, into: &out)
            }
            while rest.count >= Cobblestone.sealedChunkLength {
                let bytes = UnsafeRawBufferPointer(rebasing: rest[..<Cobblestone.sealedChunkLength])
                try key.open(chunk: self.chunk, bytes, into: &out)
                self.chunk += 1
                rest = UnsafeRawBufferPointer(rebasing: rest[Cobblestone.sealedChunkLength...])
            }
            self.partial.append(contentsOf: rest)
        }
    }

    /// Takes sealed bytes and gives the plaintext of the full chunks that are there.
    package mutating func append(_ sealed: some Collection<UInt8>) throws(CobblestoneError) -> [UInt8] {
        var out: [UInt8] = []
        var failure: CobblestoneError?
        Array(sealed).withUnsafeBytes { bytes in
            do throws(CobblestoneError) { try append(bytes, into: &out) } catch { failure = error }
        }
        if let failure { throw failure }
        return out
    }

    /// Verifies the short last chunk and appends its plaintext to `out`. Only now is the document whole.
    ///
    /// - Throws: ``CobblestoneError/truncated`` when the stream does not end in a short chunk;
    ///   ``CobblestoneError/corrupt(chunk:)`` when it was cut or extended within that chunk.
    package mutating func finish(into out: inout [UInt8]) throws(CobblestoneError) {
        try rememberingFailure { (self) throws(CobblestoneError) in
            guard let key = self.key, self.partial.count >= Cobblestone.tagLength else { throw .truncated }
            try self.openPartial(with: key, into: &out)
        }
        failure = .finished
    }

    /// Verifies the short last chunk and gives its plaintext. Only now is the document whole.
    package mutating func finish() throws(CobblestoneError) -> [UInt8] {
        var out: [UInt8] = []
        try finish(into: &out)
        return out
    }

    /// The stream's key, once its 56 first bytes have come and their commitment has been verified.
    private mutating func takePrefix(_ rest: inout UnsafeRawBufferPointer) throws(CobblestoneError) -> MessageKey? {
        if let key { return key }
        fillPartial(upTo: Cobblestone.prefixLength, from: &rest)
        guard partial.count == Cobblestone.prefixLength else { return nil }
        let derived = MessageKey(key: dataKey, context: context, salt: Array(partial[..<Cobblestone.saltLength]))
        guard derived.commits(to: partial) else { throw .wrongKeyOrContext }
        partial.removeAll(keepingCapacity: true)
        key = derived
        return derived
    }

    private mutating func fillPartial(upTo length: Int, from rest: inout UnsafeRawBufferPointer) {
        let taken = min(length - partial.count, rest.count)
        partial.append(contentsOf: UnsafeRawBufferPointer(rebasing: rest[..<taken]))
        rest = UnsafeRawBufferPointer(rebasing: rest[taken...])
    }

    private mutating func openPartial(with key: MessageKey, into out: inout [UInt8]) throws(CobblestoneError) {
        var failure: CobblestoneError?
        partial.withUnsafeBytes { bytes in
            do throws(CobblestoneError) { try key.open(chunk: chunk, bytes, into: &out) } catch { failure = error }
        }
        if let failure { throw failure }
        chunk += 1
        partial.removeAll(keepingCapacity: true)
    }

    private mutating func rememberingFailure(
        _ body: (inout Self) throws(CobblestoneError) -> Void
    ) throws(CobblestoneError) {
        if let failure { throw failure }
        do throws(CobblestoneError) {
            try body(&self)
        } catch {
            failure = error
            throw error
        }
    }
}
