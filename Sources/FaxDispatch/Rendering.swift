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
    /// Whose name, number and time zone a cover page has.
    let header: HeaderText

    /// Renders one fax: `accepted -> rendering -> queued`, or `failed` when the document is to blame.
    ///
    /// - Throws: what is not the document's fault (disk, database); the fax is `accepted` again and another try may help.
    func render(_ id: FaxID) async throws {
        let store = documents.store
        _ = try await store.apply(.renderingStarted, to: id)
        guard let fax = try await store.fax(id), fax.state == .rendering else { return }
        CrashPoint.reach(.renderingStarted)
        do {
            let image = TIFFDocument(try await documents.create(.pages, of: fax.document))
            do {
                let pages = try await renderPages(of: fax, into: image)
                let stored = try await image.finish()
                CrashPoint.reach(.pagesSealed)
                try await store.rendered(id, image: stored, pages: pages)
                CrashPoint.reach(.renderCommitted)
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
        let plain = try await documents.memoryFile(of: fax.document)
        let job = PageJob(
            format: format, resolution: fax.resolution, paper: paper, maximumPages: max(1, maximumPages - (fax.terms.cover == nil ? 0 : 1)))
        guard let cover = fax.terms.cover else {
            return try await renderer.render(plain, job: job) { page in try await image.append(page) }
        }
        // The cover says how many pages there are, so it is made last and goes first: until then the document's pages are in memory,
        // in the code in which they are sent.
        let pages = try PageQueue()
        let count = try await renderer.render(plain, job: job) { page in try await pages.append(page) }
        let covers = try await renderCover(cover, of: fax, before: count, paper: paper)
        for page in covers { try await image.append(page) }
        try await pages.forEach { page in try await image.append(page) }
        return covers.count + count
    }

    private func renderCover(_ cover: Cover, of fax: FaxRecord, before count: Int, paper: PageJob.Paper) async throws -> [FaxPage] {
        let line = header.line(at: fax.createdAt)
        var pages: [FaxPage] = []
        // Long comments need a second page, which counts.
        for _ in 0..<3 {
            let expected = max(1, pages.count)
            let text = CoverText(
                cover: cover, number: fax.number, sender: line.sender, senderNumber: line.number, date: line.date, pages: expected + count
            ).text
            let file = try MemoryFile()
            try file.append(Array(text.utf8))
            let made = PageList()
            do {
                _ = try await renderer.render(
                    file, job: PageJob(format: .text, resolution: fax.resolution, paper: paper, maximumPages: 8)
                ) { page in await made.append(page) }
            } catch let failure as PageFailure where failure.code != .renderer {
                throw PageFailure(code: failure.code, message: "The cover page: " + failure.message)
            }
            pages = await made.pages
            if pages.count == expected { break }
        }
        return pages
    }
}

/// The pages of a cover: at most 8.
private actor PageList {
    private(set) var pages: [FaxPage] = []

    func append(_ page: FaxPage) { pages.append(page) }
}
