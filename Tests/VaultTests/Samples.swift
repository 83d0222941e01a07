import Testing
import Vault

/// Deterministic bytes and names for the tests.
enum Samples {
    static func bytes(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        return (0..<count).map { _ in
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return UInt8(truncatingIfNeeded: state >> 24)
        }
    }

    static func key(_ first: UInt8 = 0) throws -> DataKey {
        try #require(DataKey(bytes: (0..<32).map { first &+ $0 }))
    }

    static func document(_ name: String = "doc_1") throws -> DocumentID { try #require(DocumentID(name)) }

    static func epoch(_ name: String = "2026-11") throws -> EpochName { try #require(EpochName(name)) }

    static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    static func bytes(hex: String) -> [UInt8] {
        let digits = Array(hex)
        return stride(from: 0, to: digits.count - 1, by: 2).compactMap {
            UInt8(String(digits[$0...($0 + 1)]), radix: 16)
        }
    }
}
