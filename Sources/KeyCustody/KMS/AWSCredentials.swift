/// Who asks AWS: a long-lived key pair, or a temporary one with its session token.
package struct AWSCredentials: Sendable {
    let accessKeyID: String
    let secretAccessKey: HiddenText
    let sessionToken: HiddenText?

    /// - Throws: ``CustodyError/setting(_:)`` for texts that cannot be what they should.
    package init(accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil) throws(CustodyError) {
        guard (1...128).contains(accessKeyID.utf8.count), accessKeyID.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) }) else {
            throw .setting("AWS_ACCESS_KEY_ID must be letters and digits")
        }
        self.accessKeyID = accessKeyID
        self.secretAccessKey = try HiddenText(secretAccessKey, setting: "AWS_SECRET_ACCESS_KEY")
        self.sessionToken = if let sessionToken { try HiddenText(sessionToken, setting: "AWS_SESSION_TOKEN") } else { nil }
    }
}
