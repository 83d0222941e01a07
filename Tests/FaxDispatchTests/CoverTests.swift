import FaxModel
import Foundation
import Imaging
import Ledger
import NIOPosix
import Store
import Testing
import Vault
import Workers

@testable import FaxDispatch

/// The build puts `faxlock-page` beside the tests.
private let worker = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    .appendingPathComponent("faxlock-page").path

@Suite struct CoverTextTests {
    private func text(_ cover: Cover, pages: Int = 3, sender: String = "Quincy Clinic", number: String = "+1 555 123 0111") throws -> String
    {
        CoverText(
            cover: cover, number: try #require(PhoneNumber("+15551230100")), sender: sender, senderNumber: number,
            date: "2026-11-22 03:30 UTC-05:00", pages: pages
        ).text
    }

    @Test func `it says who, to whom, when, how much and what`() throws {
        let text = try text(
            Cover(to: "Dr. Example, Ward 3", from: "A. Sender", subject: "Referral", comments: "First line.\nSecond line."))
        for line in [
            "To:             Dr. Example, Ward 3", "Fax:            +15551230100", "From:           A. Sender, Quincy Clinic",
            "Sender's fax:   +1 555 123 0111", "Date:           2026-11-22 03:30 UTC-05:00", "Subject:        Referral",
            "Pages:          3, this one included", "First line.", "Second line.",
        ] { #expect(text.contains(line + "\n"), "\(line)") }
        #expect(text.contains("CONFIDENTIAL"))
        // Longer ones would be broken by the page.
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 84 })
    }

    @Test func `what was not said leaves no empty field`() throws {
        let text = try text(Cover(), sender: "", number: "")
        for name in ["To:", "From:", "Subject:", "Comments:", "Sender's fax:"] { #expect(!text.contains(name), "\(name)") }
        #expect(text.contains("Fax:            +15551230100"))
    }

    @Test func `control characters neither break lines nor pages`() throws {
        let text = try text(Cover(to: "a\u{C}b\r\nc\u{1B}[7m", comments: "x\u{C}y\u{0}z\r\nnext"))
        #expect(text.contains("a b c [7m\n"))
        #expect(text.contains("x\ny z\nnext\n"))
        #expect(!text.contains("\u{C}") && !text.contains("\u{1B}") && !text.contains("\r"))
    }
}

/// With the real `faxlock-page`.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: worker), "faxlock-page is not built"), .timeLimit(.minutes(5)))
struct CoverTests {
    private func accept(_ house: TestHouse, cover: Cover?, text: String = "An invented letter.\n", paper: String = "letter") async throws
        -> FaxID
    {
        let document = try await house.seal(Array(text.utf8), .upload)
        var terms = FaxTerms()
        terms.cover = cover
        var random = SystemRandomNumberGenerator()
        let fax = FaxRecord(
            id: FaxID(now: house.clock.now, using: &random), state: .accepted, owner: "key_1",
            number: try #require(PhoneNumber("+15551230100")), backend: "scripted", format: "text", resolution: .fine, paper: paper,
            document: document.id, createdAt: house.clock.now, updatedAt: house.clock.now, terms: terms)
        try await house.store.accept(fax, document: document, by: .system)
        return fax.id
    }

    private func render(_ house: TestHouse, _ id: FaxID, maximumPages: Int = 50) async throws -> FaxRecord {
        try await Rendering(
            documents: house.documents,
            renderer: PageRenderer(executable: worker, group: MultiThreadedEventLoopGroup.singleton), maximumPages: maximumPages,
            logger: house.logger, header: try HeaderText(sender: "Quincy Clinic", number: "+1 555 123 0111", timeZone: "America/New_York")
        ).render(id)
        return try await house.fax(id)
    }

    private func pages(_ house: TestHouse, _ fax: FaxRecord) async throws -> [FaxPage] {
        let reader = try TIFFReader(try await house.documents.open(try #require(fax.image)).read(upTo: 10_000_000))
        return try (0..<reader.count).map { try reader.page(at: $0) }
    }

    @Test func `it is the first page, and is counted`() async throws {
        try await TestHouse.with { house in
            let plain = try await render(house, try await accept(house, cover: nil))
            let cover = Cover(to: "Dr. Example", subject: "Referral")
            let covered = try await render(house, try await accept(house, cover: cover))
            #expect(plain.pages == 1)
            #expect(covered.pages == 2)
            let (without, with) = (try await pages(house, plain), try await pages(house, covered))
            #expect(with.count == 2)
            #expect(with[1].t6 == without[0].t6)
            #expect(with[0].t6 != with[1].t6)
            #expect(with[0].resolution == .fine)
            // Made again, it is the same, although time has passed: every attempt sends the same image.
            house.clock.advance(by: .seconds(3600))
            try await house.execute("UPDATE faxes SET state = 'accepted' WHERE id = '\(covered.id)'")
            let again = try await pages(house, try await render(house, covered.id))
            #expect(again.map(\.t6) == with.map(\.t6))
            // What is on it is nowhere to be read.
            for file in try FileManager.default.subpathsOfDirectory(atPath: house.path) {
                let bytes = (try? Data(contentsOf: URL(fileURLWithPath: house.path + "/" + file))) ?? Data()
                #expect(bytes.range(of: Data("Dr. Example".utf8)) == nil, "\(file)")
            }
        }
    }

    @Test func `long comments take another page, which is counted too`() async throws {
        try await TestHouse.with { house in
            let comments = Array(repeating: "An invented line of comment.", count: 60).joined(separator: "\n")
            let fax = try await render(house, try await accept(house, cover: Cover(comments: comments), paper: "a4"))
            #expect(fax.pages == 3)
            #expect(try await pages(house, fax).count == 3)
        }
    }

    @Test func `many pages keep their order behind it`() async throws {
        try await TestHouse.with { house in
            let text = (1...20).map { "Page \($0)\n" }.joined(separator: "\u{C}")
            let plain = try await render(house, try await accept(house, cover: nil, text: text))
            let covered = try await render(house, try await accept(house, cover: Cover(to: "x"), text: text))
            #expect(covered.pages == 21)
            let (with, without) = (try await pages(house, covered), try await pages(house, plain))
            #expect(with.dropFirst().map(\.t6) == without.map(\.t6))
            // The cover is a page: it counts against the limit.
            let tooMany = try await render(house, try await accept(house, cover: Cover(to: "x"), text: text), maximumPages: 20)
            #expect(tooMany.state == .failed)
        }
    }

    @Test func `a character that no font has is the cover's fault`() async throws {
        try await TestHouse.with { house in
            let fax = try await render(house, try await accept(house, cover: Cover(to: "\u{10FFFD}")))
            #expect(fax.state == .failed)
            #expect(fax.error?.hasPrefix("The cover page: ") == true)
        }
    }
}
