import Testing

@Test func DispatchTestsPlaceholder() { #expect(Bool(true)) }
