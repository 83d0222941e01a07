import Backends
import FaxModel
import Imaging
import Store
import Vault
import WorkerProtocol
import Workers

/// What a call is to transmit.
extension Sending {
    /// A call that could be made, and its sealed documents: one for each fax, in order.
    struct Prepared: Sendable {
        let call: OutboundCall
        let documents: [StoredDocument]
    }

    /// Stamps the header line on each page and seals the image of each fax as it will be transmitted.
    /// - Parameter faxes: each with an image; at least one.
    func prepare(_ faxes: [(fax: FaxRecord, image: DocumentID)], mode: CallMode, keepsRecord: Bool) async throws -> Prepared {
        var readers: [TIFFReader] = []
        for (_, image) in faxes {
            let rendered = try await documents.memoryFile(of: image)
            readers.append(try TIFFReader(ClosureRandomAccess { try rendered.read(at: $0, count: $1) }))
        }
        let pages = readers.map(\.count)
        let file = try MemoryFile()
        var writer = TIFFWriter(pages: pages.reduce(0, +))
        var sealed: [StoredDocument] = []
        do {
            let line = header.line(at: clock())
            for (reader, fax) in zip(readers, faxes) {
                sealed.append(try await seal(reader, of: fax.fax, header: line, also: &writer, in: file))
            }
            try file.append(writer.finish())
            var generator = SystemRandomNumberGenerator()
            let reference = FaxID(now: clock(), using: &generator).text
            CrashPoint.reach(.imageSealed)
            let record: CallRecordFile? =
                if let records, keepsRecord {
                    try await CallRecordFile.make(in: records, reference: reference, pages: pages.reduce(0, +))
                } else {
                    nil
                }
            let first = faxes[0].fax
            let call = OutboundCall(
                reference: reference, number: first.number, image: file, documents: pages, firstPage: first.pagesConfirmed, mode: mode,
                expectedStation: first.terms.expectedStation, earlierDials: first.progress.dials, record: record)
            return Prepared(call: call, documents: sealed)
        } catch {
            for document in sealed { try? await documents.discard(document) }
            throw error
        }
    }

    private func seal(
        _ reader: TIFFReader, of fax: FaxRecord, header: HeaderLine, also whole: inout TIFFWriter, in file: MemoryFile
    ) async throws -> StoredDocument {
        let document = try await documents.create(.transmitted, of: fax.document)
        do {
            var writer = TIFFWriter(pages: reader.count)
            for index in 0..<reader.count {
                let page = header.stamp(try reader.page(at: index), number: index + 1, of: reader.count)
                try await document.append(try writer.append(page))
                try file.append(try whole.append(page))
            }
            try await document.append(writer.finish())
            return try await document.finish()
        } catch {
            await document.abort()
            throw error
        }
    }
}
