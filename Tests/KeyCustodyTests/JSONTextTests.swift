import Testing
import Vault

@testable import KeyCustody

@Suite struct JSONTextTests {
    private func text(_ json: String) -> String? {
        JSONText.text(at: "data", "x", in: SecretBytes(json.utf8))?.withBytes { String(decoding: $0, as: UTF8.self) }
    }

    @Test func findsWhereItStands() {
        #expect(text(#"{"data":{"x":"abc"}}"#) == "abc")
        #expect(
            text(#" { "x" : "no" , "data" : { "y" : [1, {"x":"no"}, [], {}, -1.5E+3, true, null, "\"x\""] , "x" : "yes" } } "#) == "yes")
        #expect(text(#"{"data":{"x":""}}"#) == "")
        #expect(text(#"{"data":{"x":"a\/b\\c\"d\u002b\n"}}"#) == "a/b\\c\"d+\n")
        #expect(text(#"{"data":{"x":"first","x":"second"}}"#) == "first")
    }

    @Test(arguments: [
        "", "{", "{\"data\"", "{\"data\":", "{\"data\":{", "{\"data\":{\"x\":\"", "{\"data\":{\"x\":\"\\", "{\"data\":{\"x\":\"\\u00",
        "{\"data\":\"x\"}",
        "{\"data\":{\"x\":1}}", "{\"data\":{\"x\":\"\\u+041\"}}", "{\"data\":{\"x\":\"\\u00e4\"}}", "{\"data\":{\"x\":\"ä\"}}",
        "{\"data\":{\"x\":\"a\nb\"}}",
        "{\"data\":{\"x\":\"\\x\"}}", "{\"a\":[1 2],\"data\":{\"x\":\"y\"}}", "{\"a\":,\"data\":{\"x\":\"y\"}}", "{data:{x:'y'}}",
    ])
    func nothingInBadText(json: String) {
        #expect(text(json) == nil)
    }

    /// No cut and no changed byte of a good answer traps.
    @Test func survivesDamage() {
        let good = Array(#"{"a":[1,{"b":"\u0041"}],"data":{"y":null,"x":"vault:v1:AAAA\/BBBB=="},"c":{}}"#.utf8)
        #expect(text(String(decoding: good, as: UTF8.self)) == "vault:v1:AAAA/BBBB==")
        for length in 0...good.count { _ = JSONText.text(at: "data", "x", in: SecretBytes(good.prefix(length))) }
        for index in good.indices {
            for byte in UInt8.min...UInt8.max {
                var damaged = good
                damaged[index] = byte
                _ = JSONText.text(at: "data", "x", in: SecretBytes(damaged))
            }
        }
    }
}
