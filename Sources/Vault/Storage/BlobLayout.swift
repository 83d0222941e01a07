import Crypto

/// Where blobs lie in their folder: `<xx>/<document>.<kind>.<generation>`, where `xx` is the first byte of the
/// SHA-256 of the document's id, so that no subfolder grows past what file systems and backups handle well.
package enum BlobLayout {
    /// The subfolder of unfinished blobs. All of it may be removed whenever no writer is at work.
    static let incoming = "incoming"
    /// The 256 subfolders of blobs.
    static let folders = (UInt8.min...UInt8.max).map { Hex.encode([$0]) }

    static func folder(of document: DocumentID) -> String {
        let digest = SHA256.hash(data: Array(document.rawValue.utf8))
        return folders[digest.withUnsafeBytes { Int($0[0]) }]
    }

    /// The path of a blob's file, relative to the folder of blobs.
    package static func path(of id: BlobID) -> String {
        "\(folder(of: id.document))/\(id.fileName)"
    }
}
