import NIOCore
import SIP
import Testing

struct DNSMessageTests {
    private static let question = DNSBytes.name("sip.example.com") + [0, 33, 0, 1]
    private static let head: [UInt8] = [1, 2, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]

    private static func service(target: [UInt8]) -> [UInt8] {
        let data = [0, 5, 0, 6] + DNSBytes.word(5061) + target
        return [0xC0, 12, 0, 33, 0, 1, 0, 0, 0, 60] + DNSBytes.word(data.count) + data
    }

    @Test func aQueryIsWhatTheStandardSays() throws {
        let query = try #require(DNSMessage.query(id: 0x0102, name: "sip.example.com", kind: .srv))
        #expect(query == [1, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0] + Self.question)
        #expect(DNSMessage.query(id: 1, name: "example.com.", kind: .a)?.count == 12 + 13 + 4)
        for name in ["", ".", "a..b", String(repeating: "a", count: 64) + ".b", String(repeating: "abc.", count: 70) + "d"] {
            #expect(DNSMessage.query(id: 1, name: name, kind: .a) == nil)
        }
    }

    @Test func anAnswerWithPointersIsRead() throws {
        // The target is "a" and then the end of the question's name.
        let answer = try DNSMessage(parsing: Self.head + Self.question + Self.service(target: [1, 0x41, 0xC0, 16]))
        #expect(answer.id == 0x0102)
        #expect(answer.name == "sip.example.com")
        #expect(answer.answers.map(\.name) == ["sip.example.com"])
        #expect(answer.answers.map(\.seconds) == [60])
        #expect(answer.answers.map(\.content) == [.service(priority: 5, weight: 6, port: 5061, target: "a.example.com")])
    }

    @Test func namesThatLeadInCirclesAreRefused() {
        let record = Self.head.count + Self.question.count + 18
        for target in [[0xC0, UInt8(record)], [1, 0x41, 0xC0, UInt8(record)], [0xC0, 0xFF], [0x80, 1], [0x40]] {
            #expect(throws: DNSMessage.Failure.self) {
                try DNSMessage(parsing: Self.head + Self.question + Self.service(target: target))
            }
        }
        // A name as question that points at itself.
        #expect(throws: DNSMessage.Failure.badName) { try DNSMessage(parsing: Self.head + [0xC0, 12, 0, 33, 0, 1]) }
        // 40 labels of the longest kind.
        let long = Array(repeating: [63] + [UInt8](repeating: 0x61, count: 63), count: 40).joined() + [0]
        #expect(throws: DNSMessage.Failure.badName) { try DNSMessage(parsing: Self.head + long + [0, 33, 0, 1]) }
    }

    @Test func everyTruncationIsRefused() {
        let whole = Self.head + Self.question + Self.service(target: [1, 0x41, 0xC0, 16])
        for count in 0..<whole.count {
            #expect(throws: DNSMessage.Failure.self) { try DNSMessage(parsing: Array(whole.prefix(count))) }
        }
    }

    @Test func recordsThatContradictTheirLengthAreRefused() {
        var bytes = Self.head + Self.question + Self.service(target: [1, 0x41, 0xC0, 16])
        bytes[Self.head.count + Self.question.count + 11] -= 1
        #expect(throws: DNSMessage.Failure.badRecord) { try DNSMessage(parsing: bytes) }
        #expect(throws: DNSMessage.Failure.notAnAnswer) { try DNSMessage(parsing: [1, 2, 1, 0, 0, 1] + bytes.dropFirst(6)) }
    }

    @Test(arguments: 0..<UInt64(4))
    func mutatedAnswersNeverTrap(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let pointer = DNSBytes.word(1) + DNSBytes.word(2) + DNSBytes.text("s") + DNSBytes.text("SIP+D2U") + [0, 0xC0, 12]
        let naptr = [0xC0, 12, 0, 35, 0, 1, 0, 0, 0, 60] + DNSBytes.word(pointer.count) + pointer
        let sample = Self.head + Self.question + Self.service(target: [1, 0x41, 0xC0, 16])
        let other = Self.head.prefix(7) + [2] + Self.head.suffix(4) + Self.question + naptr + Self.service(target: [0])
        var readable = 0
        for _ in 0..<3_000 {
            if let message = try? DNSMessage(parsing: random.mutated(Bool.random(using: &random) ? sample : Array(other))) {
                readable += 1
                #expect(message.answers.count <= 128)
                #expect(message.name.utf8.count <= 253)
            }
        }
        #expect(readable > 0)
    }

    @Test func nameserversAreReadFromTheFile() {
        let text = """
            # nameserver 192.0.2.9
            search example.com
            nameserver 192.0.2.1
            nameserver\t2001:db8::1
            nameserver not-an-address
            nameserver 192.0.2.2 # and so on
            nameserver 192.0.2.3
            """
        #expect(DNSConfiguration.nameservers(in: text).map(\.ipAddress) == ["192.0.2.1", "2001:db8::1", "192.0.2.2"])
    }
}
