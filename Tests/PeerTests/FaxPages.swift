import Foundation
import Glibc
import Testing

/// Documents by `fax_pages.py`, which draws and compares them with readers that are not ours.
enum FaxPages {
    private static let python = getenv("FAXLOCK_TEST_PYTHON").map { String(cString: $0) }
    private static let program = BuiltProducts.tests + "/fax_pages.py"

    private struct Comparison: Decodable {
        let pages: [Int]
        let different: [Int]
        let ink: [Int]
    }

    /// Writes a TIFF-F of text pages; gives its path.
    static func make(_ pages: Int, title: String, in path: String) async throws -> String {
        _ = try await run("make", path, "\(pages)", title)
        return path
    }

    /// Expects both documents to have `pages` pages of the same picture elements, with ink on each.
    static func expectSame(_ one: String, _ other: String, pages: Int) async throws {
        let comparison = try JSONDecoder().decode(Comparison.self, from: Data(try await run("same", one, other).utf8))
        #expect(comparison.pages == [pages, pages])
        #expect(comparison.different.isEmpty, "pages that differ: \(comparison.different)")
        #expect(comparison.ink.allSatisfy { $0 > 10_000 }, "a page is nearly empty: \(comparison.ink)")
    }

    private static func run(_ arguments: String...) async throws -> String {
        let python = try #require(python, "FAXLOCK_TEST_PYTHON names no Python that has Pillow and pypdf")
        let result = try await Command.run(python, [program] + arguments)
        try #require(result.status == 0, "\(result.complaints)")
        return result.output
    }
}
