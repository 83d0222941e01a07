import Testing

@Test func FaxModelTestsPlaceholder() { #expect(Bool(true)) }
