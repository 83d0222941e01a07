import FaxModel
import Imaging
import Store

/// A sealed TIFF-F document that is written page by page, as the pages come.
actor TIFFDocument {
    private let document: DocumentWriter
    private var writer: TIFFWriter

    /// - Parameter pages: how many there will be, where that is known.
    init(_ document: sending DocumentWriter, pages: Int? = nil) {
        self.document = document
        writer = TIFFWriter(pages: pages)
    }

    /// Pages come one after another: the caller awaits each.
    func append(_ page: FaxPage) async throws {
        try await document.append(try writer.append(page))
    }

    /// Makes the document durable.
    func finish() async throws -> StoredDocument {
        try await document.append(writer.finish())
        return try await document.finish()
    }

    /// Removes what was written.
    func abort() async {
        await document.abort()
    }
}
