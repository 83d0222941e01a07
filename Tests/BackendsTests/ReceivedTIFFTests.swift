import Backends
import FaxModel
import Foundation
import Glibc
import Imaging
import NIOPosix
import Synchronization
import Testing
import WorkerProtocol
import Workers

/// `faxlock-line read-document`: a TIFF from outside, read in a process of its own.
@Suite(.enabled(if: TestLine.isWorkerBuilt, "faxlock-line is not built"), .timeLimit(.minutes(10))) struct ReceivedTIFFTests {
    private final class Pages: Sendable {
        private let pages = Mutex<[FaxPage]>([])
        var all: [FaxPage] { pages.withLock { $0 } }
        func add(_ page: FaxPage) { pages.withLock { $0.append(page) } }
    }

    private func read(_ bytes: [UInt8], executable: String = TestLine.worker) async throws -> [FaxPage] {
        let file = try MemoryFile()
        try file.append(bytes)
        let pages = Pages()
        let reader = TIFFPageReader(executable: executable, group: MultiThreadedEventLoopGroup.singleton)
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

    /// A worker that is killed, runs out of memory or speaks brokenly never says that these were all the pages.
    @Test(arguments: ["", "page", "page and rubbish", "page and half"])
    func aWorkerThatDies(words: String) async throws {
        let page = Frame(kind: .page, payload: PagePayload.encode(AsteriskBench.page(1))).encoded
        let said: [UInt8] =
            switch words {
            case "": []
            case "page": page
            case "page and half": page + page.dropLast(5)
            default: page + [UInt8](repeating: 0xFF, count: 64)
            }
        let folder = FileManager.default.temporaryDirectory.path + "/faxlock-reader-\(UUID())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data(said).write(to: URL(fileURLWithPath: folder + "/said"))
        try Data("#!/bin/sh\nexec cat '\(folder)/said'\n".utf8).write(to: URL(fileURLWithPath: folder + "/worker"))
        #expect(chmod(folder + "/worker", 0o700) == 0)
        await #expect(throws: TIFFPageReader.Cut(pages: words.isEmpty ? 0 : 1)) {
            try await read(file(pages: 2), executable: folder + "/worker")
        }
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
            do {
                for page in try await read(bytes) { #expect(page.width > 0 && page.rows > 0) }
            } catch is TIFFPageReader.Cut {
                // It ended the worker, and nothing else.
            }
        }
    }
}
