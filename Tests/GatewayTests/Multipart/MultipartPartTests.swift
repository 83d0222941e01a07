import Gateway
import Testing

@Suite struct MultipartPartTests {
    private func part(_ lines: String...) throws -> Result<MultipartPart, MultipartError> {
        let parsed = try Parsed(multipartBody([(lines, [1])]))
        if let error = parsed.error { return .failure(error) }
        return .success(try #require(parsed.parts.first).headers)
    }

    private static let filenamesCases: [(String, String)] = [
        ("filename=\"letter.pdf\"", "letter.pdf"),
        ("filename=letter.pdf", "letter.pdf"),
        (#"filename="a\"b\\c.pdf""#, #"a"b\c.pdf"#),
        (#"filename="C:\temp\new.pdf""#, #"C:\temp\new.pdf"#),
        (#"filename="../../etc/passwd""#, "../../etc/passwd"),
        (#"filename="a;b=c.pdf""#, "a;b=c.pdf"),
        ("filename=\"\"", ""),
        ("filename=\"Überweisung €.pdf\"", "Überweisung €.pdf"),
        ("filename*=UTF-8''%e2%82%ac%20rates", "€ rates"),
        ("filename*=utf-8'en'a%2Fb", "a/b"),
        ("filename*=ISO-8859-1''caf%E9", "café"),
        ("filename*=UTF-8''100%-%4", "100%-%4"),
        ("filename*=UTF-8''%ff", "\u{FFFD}"),
        ("filename=\"plain\"; filename*=UTF-8''exact", "exact"),
        ("filename*=UTF-8''exact; filename=\"plain\"", "exact"),
    ]

    @Test(arguments: filenamesCases)
    func filenames(parameter: String, expected: String) throws {
        let part = try part("Content-Disposition: form-data; name=\"file\"; \(parameter)")
        #expect(part == .success(MultipartPart(name: "file", filename: expected)))
    }

    @Test func fieldsHaveNoFilenameAndNamesAreExact() throws {
        #expect(try part("CONTENT-disposition : form-data") == .failure(.malformedHeader))
        #expect(try part("CONTENT-disposition:  Form-Data ; NAME=\"To\" ;") == .success(MultipartPart(name: "To")))
        #expect(
            try part(
                "X-Other: \"", "Content-Type:  text/plain; charset=utf-8 ", "Content-Disposition: form-data; name=a")
                == .success(MultipartPart(name: "a", contentType: "text/plain; charset=utf-8")))
        #expect(
            try part("Content-Disposition: form-data;\r\n\tname=\"a\";\r\n filename=\"b\"")
                == .success(MultipartPart(name: "a", filename: "b")))
    }

    @Test(arguments: [
        "form-data; name=\"open", "form-data; name=\"a\" filename=\"b\"", "form-data; name=\"a\"; name=\"b\"",
        "form-data; name=\"a\"; filename=\"b\"; FileName=\"c\"", "form-data; =a", "form-data; name",
        "form-data name=a", "form-data; name=a; filename*=plain", "form-data; name=\"a\u{0}\"",
        "form-data; name=\"a\rb\"",
        "form-data; name=\"a\nX: b\"", "form-data; name=\"a\u{7F}\"",
    ])
    func refusesBrokenDispositions(value: String) throws {
        #expect(try part("Content-Disposition: " + value) == .failure(.malformedHeader))
    }

    @Test func refusesPartsWithoutName() throws {
        #expect(try part() == .failure(.missingName))
        #expect(try part("Content-Type: text/plain") == .failure(.missingName))
        #expect(try part("Content-Disposition: attachment; name=a") == .failure(.missingName))
        #expect(try part("Content-Disposition: form-data; filename=a") == .failure(.missingName))
    }

    @Test func refusesRepeatedAndMalformedFields() throws {
        let disposition = "Content-Disposition: form-data; name=a"
        #expect(try part(disposition, disposition) == .failure(.malformedHeader))
        #expect(try part(" folded", disposition) == .failure(.malformedHeader))
        #expect(try part(disposition, "no colon") == .failure(.malformedHeader))
        #expect(try part(disposition, ": nameless") == .failure(.malformedHeader))
    }

    @Test func refusesEncodedParts() throws {
        let disposition = "Content-Disposition: form-data; name=a"
        for encoding in ["base64", "quoted-printable", "x"] {
            let result = try part(disposition, "Content-Transfer-Encoding: \(encoding)")
            #expect(result == .failure(.unsupportedTransferEncoding))
        }
        #expect(try part(disposition, "content-transfer-encoding: Binary") == .success(MultipartPart(name: "a")))
    }
}
