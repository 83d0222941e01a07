import FaxDispatch
import Hummingbird
import Imaging
import Ledger
import Logging
import NIOCore
import Store
import Vault
import Workers

/// A stored TIFF-F document as PDF, page by page: each page's T.6 code goes through as it is.
struct PDFResponse {
    let documents: Documents

    /// - Parameters:
    ///   - object: the fax, as the ledger names it.
    ///   - initiator: to whom it is given, and why.
    /// - Throws: ``Problem/ledgerUnavailable`` when the release cannot be recorded; then no byte leaves (45 CFR 164.312(b)).
    func response(for image: DocumentID, of object: String, to initiator: Initiator, logger: Logger) async throws -> Response {
        // Opened and verified as a whole before the first byte leaves: a damaged blob is a clean error, not half a PDF.
        let file = try await documents.memoryFile(of: image)
        do {
            try await documents.store.recordRelease(of: image, object: object, as: "pdf", by: initiator)
        } catch let error as StoreFailure {
            throw error
        } catch {
            logger.critical("a release of content could not be recorded", metadata: ["error": "\(error)"])
            throw Problem.ledgerUnavailable
        }
        let body = ResponseBody { writer in
            let reader = try TIFFReader(ClosureRandomAccess { try file.read(at: $0, count: $1) })
            var pdf = PDFWriter()
            for index in 0..<reader.count {
                try await writer.write(ByteBuffer(bytes: pdf.append(try reader.page(at: index))))
            }
            try await writer.write(ByteBuffer(bytes: pdf.finish()))
            try await writer.finish(nil)
        }
        return Response(
            status: .ok, headers: [.contentType: "application/pdf", .cacheControl: "no-store"], body: body)
    }
}
