import FaxModel
import Testing
import Vault

@testable import KeyCustody

/// The case `post-vanilla` of the test suite that AWS publishes for Signature Version 4, and variations that must change the signature.
@Suite struct RequestSignerTests {
    private func authorization(
        secret: String = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token: String? = nil, body: String = "",
        more: [(name: String, value: String)] = [],
        host: String = "example.amazonaws.com", region: String = "us-east-1", time: String = "2015-08-30T12:36:00Z"
    ) throws -> String {
        let credentials = try AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: secret, sessionToken: token)
        let signer = RequestSigner(credentials: credentials, region: region, service: "service")
        let now = try #require(Timestamp(iso8601: time))
        let headers = signer.headers(posting: SecretBytes(body.utf8), to: "/", host: host, headers: more, at: now)
        #expect(headers.first { $0.name == "x-amz-security-token" }?.value == token)
        return try #require(headers.last { $0.name == "authorization" }?.value)
    }

    @Test func publishedCase() throws {
        #expect(
            try authorization()
                == "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"
        )
    }

    @Test func everythingThatIsSentIsSigned() throws {
        let all = [
            try authorization(), try authorization(secret: "another"), try authorization(token: "t1"), try authorization(token: "t2"),
            try authorization(body: "a"), try authorization(body: "b"), try authorization(more: [("x-amz-target", "a")]),
            try authorization(more: [("x-amz-target", "b")]), try authorization(host: "example.org"),
            try authorization(region: "eu-west-1"),
            try authorization(time: "2015-08-30T12:36:01Z"), try authorization(time: "2015-08-31T12:36:00Z"),
        ]
        #expect(Set(all.compactMap { $0.split(separator: "=").last }).count == all.count)
        #expect(all[6].contains("SignedHeaders=host;x-amz-date;x-amz-target,"))
    }

    @Test func credentialsAreCheckedAndPrintedNowhere() throws {
        let credentials = try AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "very-secret", sessionToken: "very-secret-too")
        var dumped = "\(credentials) \(String(reflecting: credentials))"
        dump(credentials, to: &dumped)
        #expect(!dumped.contains("very-secret"))
        #expect(throws: CustodyError.self) { try AWSCredentials(accessKeyID: "A B", secretAccessKey: "s") }
        #expect(throws: CustodyError.self) { try AWSCredentials(accessKeyID: "A", secretAccessKey: "") }
        #expect(throws: CustodyError.self) { try AWSCredentials(accessKeyID: "A", secretAccessKey: "s", sessionToken: "a\nb") }
    }
}
