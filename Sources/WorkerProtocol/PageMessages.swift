package import FaxModel

/// What the gateway asks of a page worker (`faxlock-page`), as the JSON of one process argument: nothing in it says whose document it is.
///
/// The worker has the document on descriptor 0 (a seekable memory file) and writes ``Frame``s to descriptor 1: each page as it is
/// ready, then one ``PageEvent``.
package struct PageJob: Codable, Sendable, Equatable {
    /// What the document's first bytes said that it is.
    package enum Format: String, Codable, Sendable {
        case pdf, text, tiff, png, jpeg
    }

    package enum Paper: String, Codable, Sendable {
        case letter, a4
    }

    package var format: Format
    package var resolution: Resolution
    /// Paper for text, which has no page size of its own.
    package var paper: Paper
    /// More pages are an error.
    package var maximumPages: Int
    /// CPU seconds that the worker and its renderer may use for one page.
    package var secondsPerPage: Int
    /// Address space of each process, bytes.
    package var maximumMemory: Int

    package init(
        format: Format, resolution: Resolution, paper: Paper = .letter, maximumPages: Int = 2000, secondsPerPage: Int = 10,
        maximumMemory: Int = 1 << 30
    ) {
        self.format = format
        self.resolution = resolution
        self.paper = paper
        self.maximumPages = maximumPages
        self.secondsPerPage = secondsPerPage
        self.maximumMemory = maximumMemory
    }
}

/// The last word of a page worker.
package enum PageEvent: Codable, Sendable, Equatable {
    /// All pages were written.
    case finished(pages: Int)
    /// The document cannot be faxed.
    case failed(PageFailure)
}

/// Why a document has no pages. The message is for a person and says nothing of the content.
package struct PageFailure: Codable, Sendable, Equatable, Error {
    package enum Code: String, Codable, Sendable {
        /// A password is needed to open it.
        case encrypted
        /// It is damaged, or not what it looks like.
        case broken
        /// It has no page.
        case empty
        /// More pages than allowed.
        case tooManyPages
        /// A page is too large (dimensions), or took too much time or memory.
        case tooComplex
        /// Text holds a character that no installed font can draw.
        case missingGlyph
        /// The renderer is not installed or failed in a way that is not the document's fault.
        case renderer
    }

    package var code: Code
    package var message: String
    /// From 1, where one page is to blame.
    package var page: Int?

    package init(code: Code, message: String, page: Int? = nil) {
        self.code = code
        self.message = message
        self.page = page
    }
}
