import Glibc
import NIOPosix
package import Vault

/// Where the key-encryption key comes from at a start: a key file, in the clear or wrapped by a custodian.
package struct KeySource: Sendable {
    /// The file's name in the folder of systemd's credentials (`LoadCredential=faxlock.key:...`).
    package static let credentialName = "faxlock.key"

    /// The key file.
    package let path: String
    private let custodian: (any KeyCustodian)?
    private let former: [any KeyCustodian]
    private let context: CustodyContext

    private enum Content {
        case plain(KeyEncryptionKey)
        case wrapped(WrappedKeyFile)
    }

    /// - Parameters:
    ///   - path: the key file; ``path(given:credentials:otherwise:)`` finds it.
    ///   - custodian: who wraps the key; nil when the file holds it in the clear.
    ///   - former: custodians that unwrap retired keys only, while the operator moves from one to another.
    ///   - tenant: whose documents the key protects.
    package init(path: String, custodian: (any KeyCustodian)?, former: [any KeyCustodian] = [], tenant: TenantID = .single) {
        self.path = path
        self.custodian = custodian
        self.former = former
        context = CustodyContext(tenant: tenant)
    }

    /// The key file's path: what the operator set, else systemd's credential if it is there, else `fallback`.
    ///
    /// - Parameters:
    ///   - given: FAXLOCK_KEY_FILE.
    ///   - credentials: CREDENTIALS_DIRECTORY of the environment.
    package static func path(given: String?, credentials: String?, otherwise fallback: String) -> String {
        if let given { return given }
        guard let credentials, credentials.hasPrefix("/") else { return fallback }
        let credential = "\(credentials)/\(credentialName)"
        return access(credential, F_OK) == 0 ? credential : fallback
    }

    /// The current key.
    ///
    /// - Throws: ``CustodyError``. A file in the clear while a custodian is configured, or wrapped under another key than the settings name,
    ///   is refused: either would make the custodian a decoration.
    package func key() async throws(CustodyError) -> KeyEncryptionKey {
        switch try await content(of: path) {
        case .plain(let key):
            if let custodian { throw .notWrapped(path: path, custodian: custodian.name) }
            return key
        case .wrapped(let file):
            guard let custodian, custodian.name == file.custodian else {
                throw .custodianNotConfigured(path: path, custodian: file.custodian)
            }
            guard custodian.key == file.key else {
                throw .otherKey(path: path, wrappedBy: file.key, configured: custodian.key)
            }
            return try await unwrapped(file, by: custodian)
        }
    }

    /// Keys that still unwrap, while `faxlock keys rotate` replaces them. They may be in the clear, or wrapped by any configured custodian
    /// under any of its keys.
    ///
    /// - Throws: ``CustodyError`` for the first file that gives no key.
    package func retiredKeys(at paths: [String]) async throws(CustodyError) -> [KeyEncryptionKey] {
        var keys: [KeyEncryptionKey] = []
        for path in paths {
            switch try await content(of: path) {
            case .plain(let key): keys.append(key)
            case .wrapped(let file):
                guard let custodian = ([custodian].compactMap(\.self) + former).first(where: { $0.name == file.custodian }) else {
                    throw .custodianNotConfigured(path: path, custodian: file.custodian)
                }
                keys.append(try await unwrapped(file, by: custodian))
            }
        }
        return keys
    }

    /// Makes a random key and its file, mode 0600, durable when this returns. With a custodian the file holds the wrapped key, and is written
    /// only after the custodian has unwrapped it again.
    ///
    /// - Throws: ``CustodyError``; nothing is ever overwritten.
    package func makeKey() async throws(CustodyError) -> KeyEncryptionKey {
        let path = path
        guard let custodian else {
            return try await Self.onThread { () throws(KeyFileError) in try KeyEncryptionKey.create(at: path) }
        }
        if access(path, F_OK) == 0 { throw .file(.exists(path)) }
        let secret = SecretBytes.random(count: 32)
        let wrapped = try await custodian.wrap(secret, context: context)
        let file = WrappedKeyFile(custodian: custodian.name, key: custodian.key, ciphertext: wrapped)
        // The text must come back as it will be read, or the next start would have a key that this one did not use.
        guard let written = try? WrappedKeyFile(text: file.text, origin: path), written == file else {
            throw .verificationFailed(custodian.name)
        }
        let unwrapped = try await custodian.unwrap(wrapped, key: custodian.key, context: context)
        guard unwrapped.isEqual(to: secret), let key = KeyEncryptionKey(secret) else {
            throw .verificationFailed(custodian.name)
        }
        try await Self.onThread { () throws(KeyFileError) in try SecretFile.create(file.text, at: path) }
        return key
    }

    private func unwrapped(_ file: WrappedKeyFile, by custodian: any KeyCustodian) async throws(CustodyError) -> KeyEncryptionKey {
        let bytes = try await custodian.unwrap(file.ciphertext, key: file.key, context: context)
        guard let key = KeyEncryptionKey(bytes) else { throw .notAuthentic(custodian.name) }
        return key
    }

    private func content(of path: String) async throws(CustodyError) -> Content {
        let result = try await Self.onThread { () throws(KeyFileError) -> Result<Content, CustodyError> in
            let text = try SecretFile.read(path)
            if WrappedKeyFile.isWrapped(text) {
                return Result { () throws(CustodyError) in .wrapped(try WrappedKeyFile(text: text, origin: path)) }
            }
            return .success(.plain(try KeyEncryptionKey(text: text, origin: path)))
        }
        return try result.get()
    }

    /// Files are read and written on a thread that may block.
    private static func onThread<Value: Sendable>(
        _ body: @escaping @Sendable () throws(KeyFileError) -> Value
    ) async throws(CustodyError) -> Value {
        let result: Result<Value, KeyFileError>
        do {
            result = try await NIOThreadPool.singleton.runIfActive { Result { () throws(KeyFileError) in try body() } }
        } catch {
            // Only a pool that was shut down refuses, and the singleton never is.
            throw .unreachable(custodian: "the key file", reason: "cancelled")
        }
        return try result.mapError { CustodyError.file($0) }.get()
    }
}
