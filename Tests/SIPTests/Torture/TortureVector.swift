import Testing

/// One message of the kinds that RFC 4475 lists, and what an agent has to do with it. The messages are written for these
/// tests from the description of each kind: other names, numbers and lengths, the same traps.
struct TortureVector: Sendable, CustomTestStringConvertible {
    enum Treatment: Sendable, Equatable {
        /// Read; the agent answers with this status.
        case answered(Int)
        /// Read, and reported as a call.
        case call
        /// Not a message; the agent answers with this status.
        case refused(Int)
        /// Nothing is sent.
        case dropped
    }

    /// The section and short name of the RFC.
    let name: String
    let bytes: [UInt8]
    let treatment: Treatment

    init(_ name: String, _ treatment: Treatment, _ head: String, body: [UInt8] = []) {
        self.name = name
        self.treatment = treatment
        bytes = SampleMessages.message(head) + body
    }

    init(_ name: String, _ treatment: Treatment, bytes: [UInt8]) {
        self.name = name
        self.treatment = treatment
        self.bytes = bytes
    }

    var testDescription: String { name }

    static let all = valid + invalid + invalidAddresses + semantic

    static func named(_ name: String) -> [UInt8] { all.first { $0.name.hasSuffix(" " + name) }?.bytes ?? [] }
}
