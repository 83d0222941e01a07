/// Why a key or a column value cannot be unwrapped or used.
package enum KeyError: Error, Equatable, CustomStringConvertible {
    /// The value was wrapped by the key-encryption key `expected`; this ring's is `found`.
    case wrongKey(expected: KeyID, found: KeyID)
    /// The right key, but the bytes were changed or belong elsewhere (another tenant, epoch, document, row or column).
    case notAuthentic(String)
    /// The ring has no key of this epoch: not adopted yet, or destroyed.
    case unknownEpoch(EpochName)
    /// The ring has no root key for this purpose.
    case missingRoot(RootKey)
    /// Another key is in use under this name already.
    case conflict(String)

    package var description: String {
        switch self {
        case .wrongKey(let expected, let found):
            "wrapped by key-encryption key \(expected), but the key given is \(found)"
        case .notAuthentic(let what): "\(what) does not verify: it was changed, or belongs elsewhere"
        case .unknownEpoch(let epoch): "no key of epoch \(epoch)"
        case .missingRoot(let root): "no \(root.rawValue) root key"
        case .conflict(let what): "another key is in use as \(what)"
        }
    }
}
