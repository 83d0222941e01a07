package import FaxModel
import FoundationEssentials
package import NIOCore
import WorkerProtocol

/// Reads the pages of a TIFF from outside, in a worker process of its own (`faxlock-line read-document`): libtiff and hostile bytes.
package struct TIFFPageReader: Sendable {
    /// What makes the worker read a document and not hold a call.
    package static let argument = "read-document"
    /// Pages of one file.
    package static let maximumPages = 10_000
    private static let deadline = Duration.seconds(300)

    /// The worker went before its last word: memory, time, or bytes on which it died. There may be more pages than it handed over.
    package struct Cut: Error, Equatable, CustomStringConvertible {
        /// How many it had handed over.
        package let pages: Int

        package init(pages: Int) {
            self.pages = pages
        }

        package var description: String {
            "the process that reads a received TIFF ended after \(pages) pages, before it had said how many there are"
        }
    }

    private let executable: String
    private let group: any EventLoopGroup

    /// - Parameter executable: path of `faxlock-line`.
    package init(executable: String, group: any EventLoopGroup) {
        self.executable = executable
        self.group = group
    }

    /// Hands over the pages in order, up to the first that cannot be read: the worker waits while a page is being stored.
    /// - Returns: how many there were.
    /// - Throws: ``Cut`` when the worker did not say that this is all, ``WorkerProcess/StartFailure``, or what `page` throws.
    @discardableResult
    package func read(_ document: MemoryFile, page: @escaping @Sendable (FaxPage) async throws -> Void) async throws -> Int {
        try await WorkerProcess.run(
            executable: executable, arguments: [Self.argument], input: document, deadline: Self.deadline, group: group
        ) { inbound, _ in
            var count = 0
            do {
                for try await frame in inbound {
                    // The last word; how many pages it names is not believed, as it handled hostile bytes.
                    if frame.kind == .message { return count }
                    guard count < Self.maximumPages, let made = try? PagePayload.decode(frame.payload) else { break }
                    try await page(made)
                    count += 1
                }
            } catch is FrameDecoder.Failure {
                // Neither is what it says in broken words.
            }
            throw Cut(pages: count)
        }
    }
}
