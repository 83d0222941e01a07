import FaxModel
import Testing

@Suite struct StationIdentifierTests {
    @Test(arguments: [
        ("+1 555 123 0142", "+15551230142"), ("555-123-0142", "+15551230142"), ("1230142", "+15551230142"),
        ("001 555 1230142", "15551230142"),
        ("+15551230142", "1230142"), ("FAX 5551230142", "(555) 123 0142"), ("0142", "0142"),
    ])
    func `one machine, written in two ways`(actual: String, expected: String) {
        #expect(StationIdentifier.matches(actual, expected: expected))
        #expect(StationIdentifier.matches(expected, expected: actual))
    }

    @Test(arguments: [
        ("+15551230143", "+15551230142"), ("0142", "+15551230142"), ("230142", "+15551230142"), ("", "+15551230142"), ("", ""),
        ("Clinic", "Clinic"), ("15551230142", "15551230142 1"), ("\u{661}230142", "1230142"),
    ])
    func `not the one`(actual: String, expected: String) {
        #expect(!StationIdentifier.matches(actual, expected: expected))
        #expect(!StationIdentifier.matches(expected, expected: actual))
    }
}
