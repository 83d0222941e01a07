import FaxModel
import Imaging
import Logging
import Store
import Vault
import WorkerProtocol
import Workers

/// Makes the fax pages of an accepted document and seals them.
struct Rendering: Sendable {
    let documents: Documents
    let renderer: PageRenderer
    let maximumPages: Int
    let logger: Logger

    /// Renders one fax: `accepted -> rendering -> queued`, or `failed` when the document is to blame.
    ///
    /// - Throws: what is not the document's fault (disk, database); the fax is `accepted` again and another try may help.
    func render(_ id: FaxID) async throws {
        let store = documents.store
        _ = try await store.apply(.renderingStarted, to: id)
        guard let fax = try await store.fax(id), fax.state == .rendering else { return }
        do {
            let image = TIFFDocument(try await documents.create(.pages, of: fax.document))
            do {
                let pages = try await renderPages(of: fax, into: image)
                let stored = try await image.finish()
                try await store.rendered(id, image: stored, pages: pages)
                logger.info("rendered", metadata: ["fax": "\(id)", "pages": "\(pages)"])
            } catch {
                await image.abort()
                throw error
            }
        } catch let failure as PageFailure where failure.code != .renderer {
            let place = failure.page.flatMap { failure.message.contains("age \($0)") ? nil : " (page \($0))" } ?? ""
            _ = try await store.apply(.notFaxable, to: id, error: failure.message + place)
            logger.info("document cannot be faxed", metadata: ["fax": "\(id)", "code": "\(failure.code.rawValue)"])
        } catch {
            // If this fails too (a full disk), the dispatcher finds the fax in rendering.
            _ = try? await store.apply(.renderingInterrupted, to: id)
            throw error
        }
    }

    private func renderPages(of fax: FaxRecord, into image: TIFFDocument) async throws -> Int {
        guard let format = PageJob.Format(rawValue: fax.format), let paper = PageJob.Paper(rawValue: fax.paper) else {
            throw PageFailure(code: .broken, message: "The document's format is not known.")
        }
        let job = PageJob(format: format, resolution: fax.resolution, paper: paper, maximumPages: maximumPages)
        let plain = try await documents.memoryFile(of: fax.document)
        return try await renderer.render(plain, job: job) { page in try await image.append(page) }
    }
}
