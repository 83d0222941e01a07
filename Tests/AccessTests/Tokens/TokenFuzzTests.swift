import Testing

@testable import Access

@Suite struct TokenFuzzTests {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \0".utf8)

    /// Each byte of a token counts: of 2,000 mutations none is accepted but the token itself.
    @Test(
        arguments: [("ES256", "p256", .es256), ("RS256", "rsa", .rs256), ("EdDSA", "ed", .edDSA)] as [(String, String, TestIssuer.Signer)])
    func noMutationIsAccepted(algorithm: String, kid: String, signer: TestIssuer.Signer) async throws {
        var random = SeededRandom(seed: 7)
        let issuer = TestIssuer.shared
        let good = issuer.token(#"{"alg":"\#(algorithm)","kid":"\#(kid)"}"#, signer)
        let other = issuer.token(#"{"alg":"\#(algorithm)","kid":"\#(kid)"}"#, TestIssuer.claims(["sub": "\"u-2\""]), signer)
        let verifier = try issuer.verifier()
        var refusals: Set<TokenRefusal> = []
        for _ in 0..<2000 {
            let mutated = Self.mutate(good, other, &random)
            do {
                let token = try await verifier.verify(mutated)
                #expect(mutated == good || mutated == other)
                #expect(token.subject == (mutated == good ? "u-1" : "u-2"))
            } catch {
                #expect(mutated != good && mutated != other, "\(error)")
                refusals.insert(error)
            }
        }
        // The mutations get to every layer.
        #expect(refusals.isSuperset(of: [.malformed, .headerMalformed, .signatureInvalid, .algorithmNotAllowed, .keyUnknown]))
    }

    private static func mutate(_ good: String, _ other: String, _ random: inout SeededRandom) -> String {
        var parts = good.split(separator: ".").map { Array($0.utf8) }
        let others = other.split(separator: ".").map { Array($0.utf8) }
        for _ in 0..<Int.random(in: 1...2, using: &random) {
            let part = Int.random(in: 0..<parts.count, using: &random)
            guard !parts[part].isEmpty else { continue }
            let position = Int.random(in: 0..<parts[part].count, using: &random)
            switch Int.random(in: 0..<9, using: &random) {
            case 0: parts[part][position] = alphabet.randomElement(using: &random) ?? 0
            case 1: parts[part].insert(alphabet.randomElement(using: &random) ?? 0, at: position)
            case 2: parts[part].remove(at: position)
            case 3: parts[part].removeLast(min(4 * Int.random(in: 1...5, using: &random), parts[part].count))
            case 4: parts[part] += parts[part].suffix(4)
            case 5: parts[part] = others[part]
            case 6: parts.swapAt(part, Int.random(in: 0..<parts.count, using: &random))
            // The last character, whose low bits a lenient decoder ignores.
            case 7: parts[part][parts[part].count - 1] = alphabet.randomElement(using: &random) ?? 0
            // One bit of what is encoded, so that the header often stays JSON.
            default: parts[part] = flipBit(parts[part], &random)
            }
        }
        return parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ".")
    }

    private static func flipBit(_ text: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        guard var bytes = Base64URL.decode(text), !bytes.isEmpty else { return text }
        bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        return Array(base64URL(bytes).utf8)
    }
}
