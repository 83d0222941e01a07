package import FaxModel
import FoundationEssentials
package import NIOCore
package import WorkerProtocol

/// Makes fax pages of a document, in a worker process of its own (`faxlock-page`).
package struct PageRenderer: Sendable {
    /// Scan lines of one page: the most that TIFF and T.30's receivers can count.
    private static let maximumRows = 65_535

    private let executable: String
    private let group: any EventLoopGroup

    /// - Parameter executable: path of `faxlock-page`.
    package init(executable: String, group: any EventLoopGroup) {
        self.executable = executable
        self.group = group
    }

    /// Renders the whole document and hands over its pages in order, one at a time: the worker waits while a page is being stored.
    /// - Returns: how many pages there were, at least 1.
    /// - Throws: ``PageFailure`` when the document is to blame, ``WorkerProcess/StartFailure``, or what `page` throws.
    package func render(
        _ document: MemoryFile, job: PageJob, page: @escaping @Sendable (FaxPage) async throws -> Void
    ) async throws -> Int {
        let argument = String(decoding: try JSONEncoder().encode(job), as: UTF8.self)
        let deadline = Duration.seconds(job.secondsPerPage * job.maximumPages)
        return try await WorkerProcess.run(
            executable: executable, arguments: [argument], input: document, deadline: deadline, group: group
        ) { inbound, _ in
            var count = 0
            for try await frame in inbound {
                switch frame.kind {
                case .page:
                    // The worker handled a hostile document: what it says is checked.
                    let made = try PagePayload.decode(frame.payload)
                    guard count < job.maximumPages, made.width == Resolution.width, (1...Self.maximumRows).contains(made.rows) else {
                        throw PageFailure(code: .broken, message: "The document's pages could not be used.", page: count + 1)
                    }
                    try await page(made)
                    count += 1
                case .message:
                    switch try JSONDecoder().decode(PageEvent.self, from: Data(frame.payload)) {
                    case .finished(let pages) where pages == count && count > 0: return count
                    case .finished: throw PageFailure(code: .empty, message: "The document has no pages.")
                    case .failed(let failure): throw failure
                    }
                }
            }
            try Task.checkCancellation()
            throw PageFailure(
                code: .tooComplex, message: "The document took too much time or memory to make pages of.", page: count + 1)
        }
    }
}
