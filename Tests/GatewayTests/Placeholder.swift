import Testing

@Test func GatewayTestsPlaceholder() { #expect(Bool(true)) }
