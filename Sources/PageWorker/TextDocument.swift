import FaxModel
import WorkerProtocol

/// Plain text in UTF-8. A form feed begins a new page.
struct TextDocument {
    let descriptor: Int32
    let job: PageJob

    func render(into emitter: inout PageEmitter) throws(PageFailure) {
        let typesetter = try Typesetter(paper: job.paper, resolution: job.resolution)
        var reader = ParagraphReader(DocumentBytes(descriptor: descriptor))
        var hasText = false
        var page = -1
        while let paragraph = try reader.next(page: emitter.count + 1) {
            if emitter.count != page {
                page = emitter.count
                Confinement.allow(seconds: job.secondsPerPage)
            }
            hasText = hasText || paragraph.text.contains { $0 > 0x20 }
            // The form feed after a line end closes the page, it does not add a line to it.
            if !(paragraph.endsPage && paragraph.text.isEmpty) { try typesetter.set(paragraph, into: &emitter) }
            if paragraph.endsPage { try typesetter.endPage(into: &emitter) }
        }
        guard hasText else { throw PageFailure(code: .empty, message: "The text is empty.") }
        if typesetter.isPageBegun { try typesetter.endPage(into: &emitter) }
    }
}
