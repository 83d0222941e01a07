import Telefax
import Testing

@Suite struct SDESCryptoTests {
    /// 30 octets, 0 to 29.
    private static let encoded = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd"

    @Test func lineOfTheField() throws {
        let crypto = try #require(SDESCrypto("1 AES_CM_128_HMAC_SHA1_80 inline:\(Self.encoded)|2^31|1:1"))
        #expect(crypto.tag == 1)
        #expect(crypto.suite == .aesCM128HMACSHA1x80)
        #expect(crypto.key == (0..<30).map { UInt8($0) })
        #expect(crypto.keyIdentifierLength == 1)
        #expect(crypto.value == "1 AES_CM_128_HMAC_SHA1_80 inline:\(Self.encoded)")
        #expect("\(crypto)" == "crypto 1 AES_CM_128_HMAC_SHA1_80")
    }

    @Test(arguments: [
        ("", 0), ("|2^20", 0), ("|1048576", 0), ("|7:4", 4), ("|2^48|66051:4", 4), (" WSH=128", 0), (" -KDR=3 wsh=64", 0),
    ])
    func partsThatMayFollow(suffix: String, keyIdentifierLength: Int) throws {
        let crypto = try #require(SDESCrypto("2  aes_cm_128_hmac_sha1_32 INLINE:\(Self.encoded)\(suffix)"))
        #expect(crypto.suite == .aesCM128HMACSHA1x32)
        #expect(crypto.keyIdentifierLength == keyIdentifierLength)
    }

    @Test(arguments: [
        "", "1", "1 AES_CM_128_HMAC_SHA1_80", "x AES_CM_128_HMAC_SHA1_80 inline:\(encoded)", "1 AES_256_CM_HMAC_SHA1_80 inline:\(encoded)",
        "1 AES_CM_128_HMAC_SHA1_80 inline:AAECAw==", "1 AES_CM_128_HMAC_SHA1_80 inline:\(encoded)AA",
        "1 AES_CM_128_HMAC_SHA1_80 uri:\(encoded)",
        "1 AES_CM_128_HMAC_SHA1_80 inline:\(encoded)|2^99", "1 AES_CM_128_HMAC_SHA1_80 inline:\(encoded)|1:0",
        "1 AES_CM_128_HMAC_SHA1_80 inline:\(encoded)|1:99999999999999999999", "1 AES_CM_128_HMAC_SHA1_80 inline:\(encoded)|1:1|2^31",
        "1 AES_CM_128_HMAC_SHA1_80 inline:\(encoded)|1:1;inline:\(encoded)|2:1",
        "1 AES_CM_128_HMAC_SHA1_80 inline:\(encoded) UNENCRYPTED_SRTP", "1 AES_CM_128_HMAC_SHA1_80 inline:\(encoded) KDR=1",
        "1 AES_CM_128_HMAC_SHA1_80 inline:!!ECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd", "1234567890 AES_CM_128_HMAC_SHA1_80 inline:\(encoded)",
    ])
    func linesThatCannotBeUsed(value: String) {
        #expect(SDESCrypto(value) == nil)
    }

    @Test func firstUsableLineIsTaken() {
        let values = [
            "1 AES_256_CM_HMAC_SHA1_80 inline:x", "2 AES_CM_128_HMAC_SHA1_32 inline:\(Self.encoded)",
            "3 AES_CM_128_HMAC_SHA1_80 inline:\(Self.encoded)",
        ]
        #expect(SDESCrypto.first(of: values)?.tag == 2)
        #expect(SDESCrypto.first(of: ["nonsense"]) == nil)
    }

    @Test func ownLineReadsBack() {
        var random = SeededRandom(seed: 9)
        let own = SDESCrypto(tag: 3, suite: .aesCM128HMACSHA1x80, using: &random)
        #expect(SDESCrypto(own.value) == own)
        #expect(SDESCrypto(tag: 3, suite: .aesCM128HMACSHA1x80, using: &random).key != own.key)
    }
}
