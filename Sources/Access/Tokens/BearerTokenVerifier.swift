package import FaxModel

/// Verifies bearer tokens: signed JWTs (RFC 7519) of one issuer, by the practice of RFC 8725 (45 CFR 164.312(d)).
///
/// The token chooses among what the server allows and the issuer publishes, and nothing else: neither key nor algorithm is taken from
/// its header, and no key is tried that it does not name.
package struct BearerTokenVerifier: Sendable {
    /// The longest token that is read, in bytes.
    package static let longest = 16_384

    private let settings: BearerTokenSettings
    private let clock: @Sendable () -> Timestamp
    private let keys: KeySetCache

    /// - Parameters:
    ///   - clock: the time of day.
    ///   - fetch: the bytes of the issuer's JWK Set; throws ``KeySetFailure`` or whatever it likes. It must come to an end by itself.
    ///     Called when the first token comes, when keys are ten minutes old, and for an unknown `kid`; never twice within 30 seconds.
    ///   - report: called at each fetch that fails. Old keys are used for a day all the same.
    package init(
        _ settings: BearerTokenSettings, clock: @escaping @Sendable () -> Timestamp,
        fetch: @escaping @Sendable () async throws -> [UInt8], report: @escaping @Sendable (KeySetFailure) -> Void
    ) {
        self.settings = settings
        self.clock = clock
        keys = KeySetCache(fetch: fetch, clock: clock, report: report)
    }

    /// Fetches the keys from ``BearerTokenSettings/keySetURL``.
    package init(
        _ settings: BearerTokenSettings, clock: @escaping @Sendable () -> Timestamp,
        report: @escaping @Sendable (KeySetFailure) -> Void
    ) {
        self.init(
            settings, clock: clock, fetch: { try await KeySetDownload.bytes(from: settings.keySetURL) }, report: report)
    }

    /// - Parameter token: what follows `Bearer ` in the `Authorization` header (RFC 6750, 2.1).
    /// - Throws: ``TokenRefusal``: the first thing that is wrong with it.
    package func verify(_ token: some StringProtocol) async throws(TokenRefusal) -> VerifiedToken {
        // Counting a foreign string may take as long as it is.
        let text = Array(token.utf8.prefix(Self.longest + 1))
        guard text.count <= Self.longest else { throw .tooLarge }
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count != 5 else { throw .encrypted }
        guard parts.count == 3, !parts[0].isEmpty, !parts[1].isEmpty, let header = Base64URL.decode(parts[0]),
            let payload = Base64URL.decode(parts[1]), let signature = Base64URL.decode(parts[2])
        else { throw .malformed }
        let checked = try TokenHeader(header, allowed: settings.algorithms)
        let key = try await keys.key(checked.keyID, for: checked.algorithm)
        let message = Array(text[..<parts[1].endIndex])
        guard key.isValid(signature, of: message, checked.algorithm) else { throw .signatureInvalid }
        return try TokenClaims(payload).verified(settings, at: clock())
    }

    /// How it stands with the issuer's keys.
    package var keySetStatus: KeySetStatus {
        get async { await keys.status }
    }

    /// Waits for the fetch of keys that may be under way.
    func settle() async {
        await keys.settle()
    }
}
