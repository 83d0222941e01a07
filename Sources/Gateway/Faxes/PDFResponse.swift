import FaxDispatch
import Hummingbird
import Imaging
import Logging
import NIOCore
import Store
import Vault
import Workers

/// A stored TIFF-F document as PDF, page by page: each page's T.6 code goes through as it is.
struct PDFResponse {
    let documents: Documents

    func response(for image: DocumentID, logger: Logger) async throws -> Response {
        // Opened and verified as a whole before the first byte leaves: a damaged blob is a clean error, not half a PDF.
        let file = try await documents.memoryFile(of: image)
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
