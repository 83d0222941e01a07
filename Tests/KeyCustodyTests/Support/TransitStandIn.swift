import Crypto
import Foundation
import NIOHTTP1
import Synchronization

/// The part of Vault's Transit engine that a custodian relies on: tokens, versions of a key, associated data, derivation.
final class TransitStandIn: Sendable {
    struct State {
        var tokens: Set<String> = ["s.test-token"]
        var namespace: String?
        var mount = "transit"
        var isSealed = false
        /// Versions 1, 2, ... of each key.
        var keys: [String: [SymmetricKey]] = ["faxlock": [SymmetricKey(size: .bits256)], "other": [SymmetricKey(size: .bits256)]]
        var derived: Set<String> = []
        var minimumDecryptionVersion = 1
        /// Every body that came, to look for what should not be there.
        var requests: [HTTPStandIn.Request] = []
    }

    private struct Body: Decodable {
        let plaintext: Data?
        let ciphertext: String?
        let context: Data?
        let associatedData: Data?
    }

    private struct Failure: Error {
        let status: Int
        let text: String
    }

    let state = Mutex(State())

    func rotate(_ key: String) {
        state.withLock { $0.keys[key]?.append(SymmetricKey(size: .bits256)) }
    }

    func answer(_ request: HTTPStandIn.Request) -> HTTPStandIn.Reply {
        state.withLock { state in
            state.requests.append(request)
            do {
                return .whole(200, try Self.reply(to: request, state))
            } catch let failure as Failure {
                return .whole(failure.status, "{\"errors\":[\"\(failure.text)\"]}")
            } catch {
                return .whole(400, "{\"errors\":[\"cipher: message authentication failed\"]}")
            }
        }
    }

    private static func reply(to request: HTTPStandIn.Request, _ state: State) throws -> String {
        if state.isSealed { throw Failure(status: 503, text: "Vault is sealed") }
        guard request.headers["X-Vault-Request"] == ["true"] else { throw Failure(status: 412, text: "missing X-Vault-Request") }
        guard request.headers["X-Vault-Token"].allSatisfy(state.tokens.contains), request.headers.contains(name: "X-Vault-Token"),
            request.headers.first(name: "X-Vault-Namespace") == state.namespace
        else { throw Failure(status: 403, text: "permission denied") }
        let parts = request.path.split(separator: "/").map(String.init)
        guard request.method == "POST", parts.count >= 4, parts[0] == "v1", parts[1..<parts.count - 2].joined(separator: "/") == state.mount
        else { throw Failure(status: 404, text: "no handler for route") }
        guard let versions = state.keys[parts[parts.count - 1]] else { throw Failure(status: 400, text: "encryption key not found") }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let body = try decoder.decode(Body.self, from: Data(request.body))
        let isDerived = state.derived.contains(parts[parts.count - 1])
        func versioned(_ version: Int) throws -> SymmetricKey {
            guard isDerived else { return versions[version - 1] }
            guard let context = body.context, !context.isEmpty else {
                throw Failure(status: 400, text: "missing 'context' for key derivation")
            }
            return HKDF<SHA256>.deriveKey(inputKeyMaterial: versions[version - 1], info: context, outputByteCount: 32)
        }
        switch parts[parts.count - 2] {
        case "encrypt":
            guard let plaintext = body.plaintext else { throw Failure(status: 400, text: "missing plaintext to encrypt") }
            let box = try AES.GCM.seal(plaintext, using: try versioned(versions.count), authenticating: body.associatedData ?? Data())
            let sealed = (box.combined ?? Data()).base64EncodedString()
            return wrapped("\"ciphertext\":\"vault:v\(versions.count):\(sealed)\",\"key_version\":\(versions.count)")
        case "decrypt":
            let fields = (body.ciphertext ?? "").split(separator: ":")
            guard fields.count == 3, fields[0] == "vault", let version = Int(fields[1].dropFirst()), (1...versions.count).contains(version),
                let sealed = Data(base64Encoded: String(fields[2]))
            else { throw Failure(status: 400, text: "invalid ciphertext: no prefix") }
            guard version >= state.minimumDecryptionVersion else {
                throw Failure(status: 400, text: "ciphertext or signature version is disallowed by policy (too old)")
            }
            let box = try AES.GCM.SealedBox(combined: sealed)
            let plaintext = try AES.GCM.open(box, using: try versioned(version), authenticating: body.associatedData ?? Data())
            return wrapped("\"plaintext\":\"\(plaintext.base64EncodedString())\"")
        default: throw Failure(status: 404, text: "unsupported path")
        }
    }

    /// An answer as Vault's, with members before and after the one that matters.
    private static func wrapped(_ data: String) -> String {
        """
        {"request_id":"6f5e0a60-0000-4000-8000-000000000000","lease_id":"","renewable":false,"lease_duration":0,
         "data":{\(data)},"wrap_info":null,"warnings":["plaintext"],"auth":null,"mount_type":"transit"}
        """
    }
}
