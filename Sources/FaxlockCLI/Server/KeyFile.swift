import FaxModel
import Glibc
import KeyCustody
import ServerSettings
import Store
import Vault

/// The key-encryption key of a data folder: read, or made on the first start; in the clear or opened by a custodian.
struct KeyFile {
    let key: KeyEncryptionKey
    /// Former keys that still open what is not yet rewrapped.
    let retired: [KeyEncryptionKey]
    let path: String
    /// Whether this start made the file.
    let isNew: Bool

    /// - Throws: ``StoreFailure/missingKeyFile(path:expected:)`` when there is sealed data and no key: a new key would open nothing, and
    ///   would hide that the old one is missed; ``CustodyError``.
    init(settings: Settings, folder: DataFolder) async throws {
        let source = try Self.source(settings)
        path = source.path
        let exists = access(path, F_OK) == 0
        if !exists, let expected = try FaxStore.keyID(ofDatabaseAt: folder.database) {
            throw StoreFailure.missingKeyFile(path: path, expected: expected)
        }
        isNew = !exists
        key = exists ? try await source.key() : try await source.makeKey()
        retired = try await source.retiredKeys(at: settings.retiredKeyFiles)
    }

    /// Where the settings say the key is: the setting, else systemd's credential (`CREDENTIALS_DIRECTORY`), else beside the data folder.
    /// - Parameter other: another place, for a key that is to be made.
    static func source(_ settings: Settings, at other: String? = nil) throws -> KeySource {
        let path = KeySource.path(
            given: other ?? settings.givenKeyFile, credentials: getenv("CREDENTIALS_DIRECTORY").map { String(cString: $0) },
            otherwise: settings.keyFile)
        let configured = [try transit(settings), try kms(settings)].compactMap { $0 }
        guard settings.keyCustodian != .none else { return KeySource(path: path, custodian: nil, former: configured) }
        guard let custodian = configured.first(where: { $0.name == settings.keyCustodian.rawValue }) else {
            throw Server.Refusal(
                message: "FAXLOCK_KEY_CUSTODIAN=\(settings.keyCustodian.rawValue) needs \(needed(by: settings.keyCustodian)).")
        }
        // One that is configured beside it may still open a retired key file.
        return KeySource(path: path, custodian: custodian, former: configured.filter { $0.name != custodian.name })
    }

    private static func needed(by custodian: KeyCustodianKind) -> String {
        switch custodian {
        case .none: "nothing"
        case .transit: "FAXLOCK_TRANSIT_URL and FAXLOCK_TRANSIT_TOKEN (or its file)"
        case .awsKMS: "FAXLOCK_KMS_KEY_ID, FAXLOCK_KMS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (or its file)"
        }
    }

    /// Nil unless the settings are complete.
    private static func transit(_ settings: Settings) throws -> (any KeyCustodian)? {
        guard let url = settings.transitURL, let token = settings.transitToken else { return nil }
        return try TransitCustodian(
            address: try CustodyAddress(url, setting: "FAXLOCK_TRANSIT_URL"), key: settings.transitKey, token: token.value,
            mount: settings.transitMount, namespace: settings.transitNamespace, authority: settings.custodianAuthority)
    }

    /// Nil unless the settings are complete.
    private static func kms(_ settings: Settings) throws -> (any KeyCustodian)? {
        guard let key = settings.kmsKey, let region = settings.kmsRegion, let id = settings.awsAccessKey, let secret = settings.awsSecretKey
        else { return nil }
        return try KMSCustodian(
            key: key, region: region,
            credentials: try AWSCredentials(
                accessKeyID: id.value, secretAccessKey: secret.value, sessionToken: settings.awsSessionToken?.value),
            endpoint: try settings.kmsEndpoint.map { try CustodyAddress($0, setting: "FAXLOCK_KMS_ENDPOINT") },
            authority: settings.custodianAuthority, clock: SystemClock.now)
    }
}
