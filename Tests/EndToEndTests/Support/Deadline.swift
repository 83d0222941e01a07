import Testing

/// What was waited for did not come.
struct DeadlineMissed: Error, CustomStringConvertible {
    let description: String
}

/// Asks again and again until `probe` gives a value.
/// - Parameters:
///   - what: for the failure, what was waited for.
///   - limit: generous, since a loaded machine is no fault; what is awaited usually comes much sooner.
func eventually<Value>(
    _ what: String, within limit: Duration = .seconds(60), every pause: Duration = .milliseconds(50),
    _ probe: () async throws -> Value?
) async throws -> Value {
    let clock = ContinuousClock()
    let end = clock.now + limit
    while true {
        if let value = try await probe() { return value }
        guard clock.now < end else { throw DeadlineMissed(description: "waited \(limit) in vain: \(what)") }
        try await clock.sleep(for: pause)
    }
}
