/// What of a document a blob holds.
package enum BlobKind: UInt8, Sendable, Hashable, CaseIterable {
    /// The file as the client sent it.
    case upload = 1
    /// The fax pages rendered from it.
    case pages = 2
    /// The image that really went over the line.
    case transmitted = 3
    /// The pages of a fax that came in.
    case received = 4

    /// The kind's word in file names and in the context.
    package var name: String {
        switch self {
        case .upload: "upload"
        case .pages: "pages"
        case .transmitted: "transmitted"
        case .received: "received"
        }
    }

    /// The kind with this word, or nil.
    package init?(name: some StringProtocol) {
        guard let kind = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = kind
    }
}

/// The name of one blob: a document, what of it, and which generation of that (a new rendering is a new generation).
package struct BlobID: Sendable, Hashable, CustomStringConvertible {
    package let document: DocumentID
    package let kind: BlobKind
    package let generation: UInt32

    package init(document: DocumentID, kind: BlobKind, generation: UInt32 = 0) {
        self.document = document
        self.kind = kind
        self.generation = generation
    }

    /// `<document>.<kind>.<generation>`, the name of the blob's file.
    package var fileName: String { "\(document).\(kind.name).\(generation)" }

    /// The blob that has this file name, or nil when none has.
    package init?(fileName: String) {
        let parts = fileName.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let document = DocumentID(String(parts[0])), let kind = BlobKind(name: parts[1]),
            let generation = UInt32(parts[2])
        else { return nil }
        self.init(document: document, kind: kind, generation: generation)
        // "+7" and "007" are numbers too, but no names that this type gives.
        guard self.fileName == fileName else { return nil }
    }

    package var description: String { fileName }

    /// The context that the blob's stream is bound to: `faxlock/1/<tenant>/<document>/<kind>/<generation>`.
    ///
    /// No part can hold a slash, so two blobs never share a context.
    package func context(tenant: TenantID) -> String {
        "faxlock/1/\(tenant)/\(document)/\(kind.name)/\(generation)"
    }
}
