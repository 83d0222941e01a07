import Gateway
import Testing

@Suite struct MultipartParserTests {
    private static let field = ["Content-Disposition: form-data; name=\"to\""]
    private static let file = [
        "Content-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"", "Content-Type: application/pdf",
    ]
    /// Bytes that look like delimiters and are none.
    private static let tricky = Array("\r\n--X\r\r\n-\r\n--xx--\r\n\r\n--\r\nXX--XX\r".utf8) + [0, 255, 13, 10, 45, 45]

    @Test func givesPartsInOrderWithTheirBytes() throws {
        let parsed = try Parsed(multipartBody([(Self.field, Array("+15551230101".utf8)), (Self.file, Self.tricky)]))
        #expect(parsed.error == nil)
        #expect(parsed.isFinished)
        #expect(
            parsed.parts == [
                .init(headers: MultipartPart(name: "to"), bytes: Array("+15551230101".utf8), isEnded: true),
                .init(
                    headers: MultipartPart(name: "file", filename: "a.pdf", contentType: "application/pdf"),
                    bytes: Self.tricky, isEnded: true),
            ])
    }

    @Test(arguments: ["XX", "-", "--", "----WebKitFormBoundaryAbC123", String(repeating: "-", count: 70)])
    func everySplitGivesTheSame(boundary: String) throws {
        var body = Array("before\r\n".utf8)
        body += multipartBody(
            boundary: boundary,
            [(Self.field, []), (Self.file, Array("\r\n--\(boundary.dropLast())\r\n-\r\r\n".utf8)), (Self.field, [13])])
        body += Array("after \r\n--\(boundary)\r\n".utf8)
        let boundary = try MultipartBoundary(boundary.utf8)
        let whole = Parsed([body[...]], boundary: boundary)
        #expect(whole.error == nil)
        #expect(whole.parts.map(\.isEnded) == [true, true, true])
        for index in 0...body.count {
            #expect(Parsed([body[..<index], body[index...]], boundary: boundary) == whole, "split at \(index)")
        }
        #expect(Parsed(body.indices.map { body[$0...$0] }, boundary: boundary) == whole, "byte by byte")
    }

    @Test func everyTruncationIsTold() throws {
        let body = multipartBody([(Self.field, Array("5".utf8)), (Self.file, Self.tricky)])
        for end in 0..<(body.count - 2) {
            let parsed = try Parsed(Array(body[..<end]))
            #expect(parsed.error == .truncated, "cut at \(end)")
            #expect(!parsed.isFinished)
        }
    }

    @Test func acceptsBlanksAfterABoundaryAndPartsWithoutBody() throws {
        let parsed = try Parsed("--XX \t\r\nContent-Disposition: form-data; name=a\r\n\r\n--XX--")
        #expect(parsed == (try Parsed(multipartBody([(["content-disposition:form-data;name=\"a\""], [])]))))
        #expect(parsed.isFinished && parsed.parts.map(\.headers.name) == ["a"])
        #expect(try Parsed("--XX--").isFinished)
    }

    @Test(arguments: [
        "--XXY\r\n", "--XX-\r\n", "--XX\n", "--XX\r\r", "--XX --", "--XX" + String(repeating: " ", count: 300),
    ])
    func refusesOtherDelimiterLines(start: String) throws {
        #expect(try Parsed(start).error == .malformedDelimiter)
    }

    @Test func limitsParts() throws {
        let limits = MultipartParser.Limits(maximumParts: 2)
        let part = (headers: Self.field, bytes: [UInt8]())
        #expect(try Parsed(multipartBody([part, part]), limits: limits).error == nil)
        let parsed = try Parsed(multipartBody([part, part, part]), limits: limits)
        #expect(parsed.error == .tooManyParts(limit: 2))
        #expect(parsed.parts.count == 2)
    }

    @Test func limitsHeaderBytesExactlyHoweverTheyArrive() throws {
        let line = Self.field[0]
        let body = multipartBody([(Self.field, [1])])
        let boundary = try MultipartBoundary("XX".utf8)
        for (limit, error) in [
            (line.utf8.count, nil), (line.utf8.count - 1, MultipartError.headersTooLarge(limit: line.utf8.count - 1)),
        ] {
            let limits = MultipartParser.Limits(maximumHeaderBytes: limit)
            #expect(Parsed([body[...]], boundary: boundary, limits: limits).error == error)
            #expect(Parsed(body.indices.map { body[$0...$0] }, boundary: boundary, limits: limits).error == error)
        }
    }

    @Test func refusesEndlessPreambleAndHeadersEarly() throws {
        let boundary = try MultipartBoundary("XX".utf8)
        let piece = [UInt8](repeating: UInt8(ascii: "a"), count: 1000)
        for (start, error) in [("", MultipartError.preambleTooLong), ("--XX\r\n", .headersTooLarge(limit: 8192))] {
            var parser = MultipartParser(boundary: boundary)
            parser.append(Array(start.utf8))
            #expect(throws: error) {
                for _ in 0..<9 {
                    parser.append(piece)
                    while try parser.next() != nil {}
                }
            }
            parser.append(piece)
            #expect(throws: error, "the error stays") { try parser.next() }
        }
    }

    @Test func keepsNothingOfAPart() throws {
        var parser = MultipartParser(boundary: try MultipartBoundary("XX".utf8))
        parser.append(Array("--XX\r\n\(Self.field[0])\r\n\r\n".utf8))
        var given = 0
        for _ in 0..<100 {
            parser.append(repeatElement(UInt8(13), count: 999) + [65])
            while let event = try parser.next() {
                if case .partBytes(let bytes) = event { given += bytes.count }
            }
        }
        #expect(given == 100_000, "each piece that ends in no CR is given at once")
    }

    @Test func ignoresWhatFollowsTheEnd() throws {
        var parser = MultipartParser(boundary: try MultipartBoundary("XX".utf8))
        parser.append(Array("--XX--garbage".utf8))
        #expect(try parser.next() == .finished)
        #expect(parser.isFinished)
        parser.append(Array("\r\n--XX\r\n".utf8))
        parser.finish()
        #expect(try parser.next() == nil)
    }
}
