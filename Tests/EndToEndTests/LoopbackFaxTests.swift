import Testing

extension EndToEnd {
    /// What is sent is what arrives.
    @Suite struct LoopbackFaxTests {
        /// A document by name, and how many fax pages it has.
        struct Sample: CustomTestStringConvertible {
            let name: String
            let pages: Int
            let testDescription: String
            let bytes: @Sendable () throws -> [UInt8]

            init(_ name: String, pages: Int, _ bytes: @escaping @Sendable () throws -> [UInt8]) {
                self.name = name
                self.pages = pages
                self.bytes = bytes
                testDescription = name
            }

            init(fixture: String, pages: Int) {
                self.init(fixture, pages: pages) { try TemporaryFolder.read(BuiltProducts.tests + "/Fixtures/\(fixture)") }
            }
        }

        private static let samples = [
            Sample("sample.pdf", pages: 3) { try TemporaryFolder.read(BuiltProducts.repository + "/Samples/sample.pdf") },
            Sample("two pages of text", pages: 2) { SampleDocuments.text(pages: 2, title: "A letter") },
            Sample(fixture: "scan.tif", pages: 2),
            Sample(fixture: "scan.png", pages: 1),
            Sample(fixture: "scan.jpg", pages: 1),
        ]

        @Test func everyKindOfDocumentArrivesAsItWasTransmitted() async throws {
            try await ServerProcess.with { server in
                for (index, sample) in Self.samples.enumerated() {
                    let number = "+1555123011\(index)"
                    let accepted = try await server.client.send(try sample.bytes(), to: number)
                    #expect(accepted.status == "queued" && accepted.to == number)
                    let fax = try await server.client.end(of: accepted.id)
                    #expect(fax.status == "SUCCESS", "\(sample.name): \(fax.error ?? "")")
                    #expect(fax.pages == sample.pages && fax.pages_confirmed == sample.pages, "\(sample.name)")
                    let received = try await server.client.receivedFax(of: fax.id)
                    let inbound = try #require(try await server.client.received(at: number).first)
                    #expect(inbound.id == received && inbound.pages == sample.pages && inbound.status == "received")
                    #expect(inbound.fr == ServerProcess.senderNumber)
                    try await Self.compare(
                        try await server.client.transmittedPDF(of: fax.id), try await server.client.receivedPDF(of: received),
                        pages: sample.pages)
                }
            }
        }

        @Test func standardResolutionHasHalfTheRows() async throws {
            try await ServerProcess.with { server in
                var heights: [String: Int] = [:]
                for resolution in ["standard", "fine"] {
                    let document = SampleDocuments.text("At \(resolution) resolution")
                    let accepted = try await server.client.send(document, to: "+15551230120", fields: ["resolution": resolution])
                    let fax = try await server.client.end(of: accepted.id)
                    #expect(fax.status == "SUCCESS" && fax.resolution == resolution)
                    let pdf = try await server.client.transmittedPDF(of: fax.id)
                    let received = try await server.client.receivedFax(of: fax.id)
                    let back = try await server.client.receivedPDF(of: received)
                    #expect(pdf == back)
                    heights[resolution] = Self.imageHeight(pdf)
                }
                let (standard, fine) = (try #require(heights["standard"]), try #require(heights["fine"]))
                #expect(abs(2 * standard - fine) <= 4)
            }
        }

        @Test(arguments: [
            ("Latin", "Zażółć gęślą jaźń, ça va, naïve Æsir"), ("Greek", "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία"),
            ("Cyrillic", "Съешь же ещё этих мягких французских булок"), ("Arabic", "نص حكيم له سر قاطع وذو شأن عظيم"),
        ])
        func textOfManyScriptsIsSent(script: String, line: String) async throws {
            try await ServerProcess.with { server in
                let accepted = try await server.client.send(SampleDocuments.text(line), to: "+15551230121")
                let fax = try await server.client.end(of: accepted.id)
                #expect(fax.status == "SUCCESS", "\(script): \(fax.error ?? "")")
            }
        }

        /// A box in a letter's place could be a dose: nothing is sent, and the sender is told why.
        @Test func aCharacterWithoutAFontIsNotSent() async throws {
            try await ServerProcess.with { server in
                let accepted = try await server.client.send(SampleDocuments.text("Take 5 \u{0378} a day"), to: "+15551230122")
                let fax = try await server.client.end(of: accepted.id)
                #expect(fax.status == "FAILED")
                #expect(fax.error?.contains("U+0378") == true, "\(fax.error ?? "no error")")
                #expect(fax.attempts?.isEmpty == true)
                #expect(try await server.client.received(at: "+15551230122").isEmpty)
            }
        }

        @Test func aNumberThatDoesNotExistFails() async throws {
            try await ServerProcess.with { server in
                let accepted = try await server.client.send(SampleDocuments.text("To nobody"), to: "+15551239999")
                let fax = try await server.client.end(of: accepted.id)
                #expect(fax.status == "FAILED" && fax.pages_confirmed == 0)
                #expect(fax.error?.contains("number does not exist") == true, "\(fax.error ?? "no error")")
            }
        }

        /// Both files are the same bytes and, where an independent reader is at hand, the same picture elements, some of them black.
        private static func compare(_ transmitted: [UInt8], _ received: [UInt8], pages: Int) async throws {
            #expect(transmitted == received)
            guard let reader = Command.find("pdftoppm") else { return }
            try await TemporaryFolder.with { folder in
                var pictures: [[String]] = []
                for (name, bytes) in [("transmitted", transmitted), ("received", received)] {
                    let pdf = try folder.write(bytes, to: name + ".pdf")
                    // To standard output: one portable grey map after the other.
                    let result = try await Command.run(reader, ["-r", "60", "-gray", pdf, "\(folder.path)/\(name)"])
                    #expect(result.status == 0, "\(result.complaints)")
                    var files: [String] = []
                    for page in 1...pages { files.append(try Self.digest("\(folder.path)/\(name)-\(page).pgm")) }
                    pictures.append(files)
                }
                #expect(pictures[0] == pictures[1])
            }
        }

        /// The picture as text, once it is known to have ink and paper.
        private static func digest(_ path: String) throws -> String {
            let bytes = try TemporaryFolder.read(path)
            #expect(bytes.contains { $0 < 64 } && bytes.contains { $0 > 192 })
            return "\(bytes.count) \(bytes.reduce(UInt64(5381)) { $0 &* 33 &+ UInt64($1) })"
        }

        /// `/Height` of the first image.
        private static func imageHeight(_ pdf: [UInt8]) -> Int? {
            let text = String(decoding: pdf, as: UTF8.self)
            guard let mark = text.firstRange(of: "/Height ") else { return nil }
            return Int(text[mark.upperBound...].prefix { $0.isNumber })
        }
    }
}
