import Backends
import FaxModel
import Imaging
import NIOPosix
import Synchronization
import Testing
import Workers

/// `faxlock-line read-document`: a TIFF from outside, read in a process of its own.
@Suite(.enabled(if: TestLine.isWorkerBuilt, "faxlock-line is not built"), .timeLimit(.minutes(2))) struct ReceivedTIFFTests {
    private final class Pages: Sendable {
        private let pages = Mutex<[FaxPage]>([])
        var all: [FaxPage] { pages.withLock { $0 } }
        func add(_ page: FaxPage) { pages.withLock { $0.append(page) } }
    }

    private func read(_ bytes: [UInt8]) async throws -> [FaxPage] {
        let file = try MemoryFile()
        try file.append(bytes)
        let pages = Pages()
        let reader = TIFFPageReader(executable: TestLine.worker, group: MultiThreadedEventLoopGroup.singleton)
        let count = try await reader.read(file) { pages.add($0) }
        #expect(count == pages.all.count)
        return pages.all
    }

    private func file(pages: Int) throws -> [UInt8] {
        let file = try AsteriskBench.image(pages: pages)
        return try file.read(at: 0, count: 1 << 20)
    }

    @Test func pagesAreWhatTheyWere() async throws {
        #expect(try await read(file(pages: 3)) == (0..<3).map { AsteriskBench.page($0) })
    }

    @Test func whatIsNoTIFFHasNoPages() async throws {
        #expect(try await read([]) == [])
        #expect(try await read(Array("%PDF-1.7".utf8)) == [])
        #expect(try await read([0x49, 0x49, 42, 0, 8, 0, 0, 0]) == [])
        // A directory that is its own next one.
        #expect(try await read([0x49, 0x49, 42, 0, 8, 0, 0, 0, 0, 0, 8, 0, 0, 0]) == [])
    }

    /// Cut or changed anywhere, it ends in fewer or other pages, and in nothing worse.
    @Test func hostileFiles() async throws {
        let whole = try file(pages: 2)
        var random = SeededRandom(seed: 11)
        for round in 0..<60 {
            var bytes = whole
            if round % 3 == 0 {
                bytes.removeLast(Int.random(in: 1..<bytes.count, using: &random))
            } else {
                for _ in 0..<Int.random(in: 1...12, using: &random) {
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
                }
            }
            for page in try await read(bytes) { #expect(page.width > 0 && page.rows > 0) }
        }
    }
}
