/// The clear beginning of a blob's file. It says which keys open the blob; the sealed stream follows.
///
/// ```
/// offset  bytes  field
///      0      4  magic "FXLK"
///      4      1  version, 1
///      5      2  n, length of the rest, big endian
///      7      1  kind (1 upload, 2 pages, 3 transmitted, 4 received)
///      8      4  generation, big endian
///     12      1  length d of the document's id, 1 to 64
///     13      d  document's id, ASCII
///   13+d      1  length e of the epoch's name, 1 to 32
///   14+d      e  epoch's name, ASCII
///    7+n         the sealed stream (``Cobblestone``), to the end of the file
/// ```
/// Document, kind and generation are in the stream's context as well, so that a changed header opens nothing. The
/// epoch is where the data key was wrapped when the blob was written; the database knows where a hold moved it since.
package struct BlobHeader: Sendable, Equatable {
    package let id: BlobID
    package let epoch: EpochName

    package init(id: BlobID, epoch: EpochName) {
        self.id = id
        self.epoch = epoch
    }

    /// Why bytes are not a header.
    package enum Failure: Error, Equatable {
        /// The file does not begin with "FXLK".
        case notABlob
        /// A version of the format that this program does not know.
        case unknownVersion(UInt8)
        /// The file ends within the header, or its fields contradict each other.
        case malformed
    }

    static let magic = Array("FXLK".utf8)
    static let version: UInt8 = 1
    /// Bytes before the part that the length counts.
    static let fixedLength = 7
    /// The longest header that this version writes.
    static let maximumLength = fixedLength + 1 + 4 + 1 + 64 + 1 + EpochName.maximumLength

    /// The header as it stands in the file.
    package var encoded: [UInt8] {
        var fields: [UInt8] = [id.kind.rawValue]
        withUnsafeBytes(of: id.generation.bigEndian) { fields.append(contentsOf: $0) }
        for name in [id.document.rawValue, epoch.rawValue] {
            fields.append(UInt8(name.utf8.count))
            fields.append(contentsOf: name.utf8)
        }
        return Self.magic + [Self.version, UInt8(fields.count >> 8), UInt8(fields.count & 0xFF)] + fields
    }

    /// Reads a header.
    ///
    /// - Parameter bytes: the beginning of the file, as much as there is, up to any length.
    /// - Returns: the header and the offset of the sealed stream.
    /// - Throws: ``Failure``.
    package static func decode(_ bytes: [UInt8]) throws(Failure) -> (header: BlobHeader, length: Int) {
        guard bytes.starts(with: magic) else { throw .notABlob }
        guard bytes.count >= fixedLength else { throw .malformed }
        guard bytes[4] == version else { throw .unknownVersion(bytes[4]) }
        let length = fixedLength + (Int(bytes[5]) << 8 | Int(bytes[6]))
        guard length <= bytes.count else { throw .malformed }
        var rest = bytes[fixedLength..<length]
        guard let kind = rest.popFirst().flatMap(BlobKind.init(rawValue:)), rest.count >= 4 else { throw .malformed }
        let generation = rest.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
        rest = rest.dropFirst(4)
        guard let document = takeName(&rest).flatMap(DocumentID.init),
            let epoch = takeName(&rest).flatMap(EpochName.init),
            rest.isEmpty
        else { throw .malformed }
        let id = BlobID(document: document, kind: kind, generation: generation)
        return (BlobHeader(id: id, epoch: epoch), length)
    }

    private static func takeName(_ rest: inout ArraySlice<UInt8>) -> String? {
        guard let length = rest.popFirst(), rest.count >= Int(length) else { return nil }
        defer { rest = rest.dropFirst(Int(length)) }
        return String(decoding: rest.prefix(Int(length)), as: UTF8.self)
    }
}
