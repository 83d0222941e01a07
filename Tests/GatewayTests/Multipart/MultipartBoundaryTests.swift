import Gateway
import Testing

@Suite struct MultipartBoundaryTests {
    private static let parsesCases: [(String, String)] = [
        ("multipart/form-data; boundary=abc", "abc"),
        ("Multipart/Form-Data;BOUNDARY=\"a b\"", "a b"),
        ("multipart/form-data; charset=utf-8; boundary=----WebKitFormBoundaryAbC", "----WebKitFormBoundaryAbC"),
        ("multipart/form-data; boundary=a=b/c:d?; x=y", "a=b/c:d?"),
        ("multipart/form-data ; boundary=abc ;", "abc"),
        ("multipart/form-data; boundary=\(String(repeating: "x", count: 70))", String(repeating: "x", count: 70)),
    ]

    @Test(arguments: parsesCases)
    func parses(contentType: String, boundary: String) throws {
        #expect(try MultipartBoundary.parse(contentType: contentType).bytes == Array(boundary.utf8))
    }

    @Test(arguments: [
        "multipart/form-data", "multipart/form-data;", "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\"\"",
        "multipart/form-data; boundary=\"abc", "multipart/form-data; boundary=\"abc \"",
        "multipart/form-data; boundary=a; boundary=b", "multipart/form-data; boundary=a\u{0}",
        "multipart/form-data; boundary=\"a\r\nb\"", "multipart/form-data; boundary=é",
        "multipart/form-data; boundary=\(String(repeating: "x", count: 71))",
        "multipart/form-data; boundary=\(String(repeating: "x", count: 100_000))",
    ])
    func refusesBoundary(contentType: String) {
        #expect(throws: MultipartError.invalidBoundary) { try MultipartBoundary.parse(contentType: contentType) }
    }

    @Test(arguments: [
        "", "text/plain", "multipart/mixed; boundary=a", "application/json; boundary=a", "multipart/form-datax",
    ])
    func refusesOtherTypes(contentType: String) {
        #expect(throws: MultipartError.notMultipart) { try MultipartBoundary.parse(contentType: contentType) }
    }
}
