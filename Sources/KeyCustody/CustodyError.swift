package import Vault

/// Why the key-encryption key cannot be had. The text is for the operator; it holds names and paths, never a key, a token or what the
/// custodian wrote in its answer.
package enum CustodyError: Error, Equatable, CustomStringConvertible {
    // MARK: Key files

    /// The key file itself: missing, readable by others, malformed.
    case file(KeyFileError)
    /// The first line of a wrapped key and then not the three lines that it has.
    case malformedWrappedFile(String)
    /// The file holds a wrapped key, and no custodian of that name is configured.
    case custodianNotConfigured(path: String, custodian: String)
    /// The file holds a key in the clear, and a custodian is configured.
    case notWrapped(path: String, custodian: String)
    /// The file was wrapped under another key than the settings name.
    case otherKey(path: String, wrappedBy: String, configured: String)

    // MARK: Settings

    /// A setting has a form that cannot work; the text says which and why.
    case setting(String)

    // MARK: The custodian

    /// No connection, no trust in its certificate, or no whole answer in time.
    case unreachable(custodian: String, reason: String)
    /// It refuses the credentials, or they have no right to this key.
    case refused(custodian: String)
    /// Vault is sealed or in maintenance, or AWS asks to slow down.
    case unavailable(custodian: String)
    /// It has no such key.
    case unknownKey(custodian: String, key: String)
    /// The key is disabled there, or waits for its deletion, or cannot encrypt with associated data.
    case unusableKey(custodian: String, key: String)
    /// The ciphertext was changed, or belongs to another key or context.
    case notAuthentic(String)
    /// Any other answer; `status` is the HTTP status.
    case unexpectedAnswer(custodian: String, status: UInt)
    /// It did not give back the key that it had wrapped; no file was written.
    case verificationFailed(String)

    package var description: String {
        switch self {
        case .file(let error): error.description
        case .malformedWrappedFile(let path):
            "the key file \(path) must have four lines: '\(WrappedKeyFile.firstLine)', 'custodian: transit' or 'custodian: aws-kms', 'key: ...' and 'ciphertext: ...' in base64"
        case .custodianNotConfigured(let path, let custodian):
            "the key file \(path) holds a key that \(custodian) wrapped: set FAXLOCK_KEY_CUSTODIAN=\(custodian) and its settings"
        case .notWrapped(let path, let custodian):
            "FAXLOCK_KEY_CUSTODIAN=\(custodian), but the key file \(path) holds a key in the clear: set FAXLOCK_KEY_CUSTODIAN=none, then replace the key with 'faxlock keys rotate'"
        case .otherKey(let path, let wrappedBy, let configured):
            "the key file \(path) was wrapped under the key \(wrappedBy), but the settings name \(configured): name the former, then replace the key with 'faxlock keys rotate'"
        case .setting(let text): text
        case .unreachable(let custodian, let reason):
            "\(custodian) cannot be reached to unwrap the key-encryption key: \(reason)"
        case .refused(let custodian):
            "\(custodian) refused: the credentials are wrong, have expired, or have no right to encrypt and decrypt with this key"
        case .unavailable(let custodian): "\(custodian) is sealed, in maintenance or overloaded: try again when it is ready"
        case .unknownKey(let custodian, let key): "\(custodian) has no key \(key): check the name and the mount or region"
        case .unusableKey(let custodian, let key):
            "\(custodian) does not use the key \(key): it must be enabled and a symmetric key that encrypts with associated data (aes256-gcm96 or chacha20-poly1305; SYMMETRIC_DEFAULT)"
        case .notAuthentic(let custodian):
            "\(custodian) does not accept the wrapped key: it was changed, or wrapped under another key or for another tenant"
        case .unexpectedAnswer(let custodian, let status): "\(custodian) gave an answer that is not understood (HTTP status \(status))"
        case .verificationFailed(let custodian): "\(custodian) did not give back the key that it had just wrapped; no key file was written"
        }
    }
}
