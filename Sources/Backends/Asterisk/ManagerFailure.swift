/// Why the manager connection did not do what it was asked. No secret and nothing of a fax is in the texts.
package enum ManagerFailure: Error, Equatable, CustomStringConvertible {
    /// There is no connection; nothing was sent.
    case notConnected
    /// The connection went away after the action was sent: whether it was carried out is not known.
    case disconnected
    /// No response came in time; whether the action was carried out is not known.
    case timedOut
    /// The address does not answer.
    case unreachable(String)
    /// What answered is no Asterisk.
    case notAsterisk
    /// User or secret are wrong, or this address may not log in.
    case loginRefused
    /// The challenge is refused, and the secret goes over no connection in the clear.
    case challengeRefused
    case tls(String)

    package var description: String {
        switch self {
        case .notConnected: "there is no connection to Asterisk's manager interface"
        case .disconnected: "the connection to Asterisk's manager interface was lost"
        case .timedOut: "Asterisk's manager interface did not answer in time"
        case .unreachable(let reason):
            "Asterisk's manager interface cannot be reached (ASTERISK_AMI_HOST, ASTERISK_AMI_PORT): \(reason)"
        case .notAsterisk: "what answers at ASTERISK_AMI_HOST and ASTERISK_AMI_PORT is not Asterisk's manager interface"
        case .loginRefused:
            "Asterisk refuses the login: check ASTERISK_AMI_USERNAME, ASTERISK_AMI_PASSWORD, and permit in manager.conf"
        case .challengeRefused:
            "Asterisk gives no MD5 challenge, and without TLS the secret is not sent: set ASTERISK_AMI_TLS=true or use another manager.conf"
        case .tls(let reason): "TLS to Asterisk's manager interface failed: \(reason)"
        }
    }
}
