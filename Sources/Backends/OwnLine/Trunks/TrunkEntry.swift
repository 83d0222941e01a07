import Access
import FaxModel
import SIP

/// One trunk as its file has it; the names are those of the file.
struct TrunkEntry: Decodable {
    /// A field that no trunk has: a misspelt one would silently do nothing.
    struct UnknownField: Error {
        let name: String
    }

    /// What is wrong with a field.
    struct Problem: Error {
        let text: String

        init(_ text: String) { self.text = text }
    }

    let name: String
    let server: String
    var domain: String?
    var username: String?
    var password_file: String?
    var realm: String?
    var user: String?
    var register: Bool?
    var expires_seconds: Int?
    var keepalive_seconds: Int?
    var numbers: [String]?
    var bind: String?
    var advertise: String?
    var media_ports: String?
    var codecs: [String]?
    var t38: Bool?
    var t38_redundancy: Int?
    var t38_parity: Bool?
    var t38_max_datagram: Int?
    var offer_t38_as_callee: Bool?
    var media_encryption: String?
    var symmetric_media: Bool?
    var ecm: Bool?
    var max_rate: Int?
    var accept_from: [String]?
    var tls_ca_file: String?
    var tls_certificate_file: String?
    var tls_key_file: String?
    var tls_server_name: String?
    var max_calls: Int?
    var calls_per_second: Double?

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case name, server, domain, username, password_file, realm, user, register, expires_seconds, keepalive_seconds, numbers, bind
        case advertise, media_ports, codecs, t38, t38_redundancy, t38_parity, t38_max_datagram, offer_t38_as_callee, media_encryption
        case symmetric_media, ecm, max_rate, accept_from, tls_ca_file, tls_certificate_file, tls_key_file, tls_server_name, max_calls
        case calls_per_second
    }

    private struct AnyKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        let known = Set(CodingKeys.allCases.map(\.rawValue))
        if let key = try decoder.container(keyedBy: AnyKey.self).allKeys.first(where: { !known.contains($0.stringValue) }) {
            throw UnknownField(name: key.stringValue)
        }
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        func optional<Value: Decodable>(_ key: CodingKeys) throws -> Value? { try fields.decodeIfPresent(Value.self, forKey: key) }
        name = try fields.decode(String.self, forKey: .name)
        server = try fields.decode(String.self, forKey: .server)
        domain = try optional(.domain)
        username = try optional(.username)
        password_file = try optional(.password_file)
        realm = try optional(.realm)
        user = try optional(.user)
        register = try optional(.register)
        expires_seconds = try optional(.expires_seconds)
        keepalive_seconds = try optional(.keepalive_seconds)
        numbers = try optional(.numbers)
        bind = try optional(.bind)
        advertise = try optional(.advertise)
        media_ports = try optional(.media_ports)
        codecs = try optional(.codecs)
        t38 = try optional(.t38)
        t38_redundancy = try optional(.t38_redundancy)
        t38_parity = try optional(.t38_parity)
        t38_max_datagram = try optional(.t38_max_datagram)
        offer_t38_as_callee = try optional(.offer_t38_as_callee)
        media_encryption = try optional(.media_encryption)
        symmetric_media = try optional(.symmetric_media)
        ecm = try optional(.ecm)
        max_rate = try optional(.max_rate)
        accept_from = try optional(.accept_from)
        tls_ca_file = try optional(.tls_ca_file)
        tls_certificate_file = try optional(.tls_certificate_file)
        tls_key_file = try optional(.tls_key_file)
        tls_server_name = try optional(.tls_server_name)
        max_calls = try optional(.max_calls)
        calls_per_second = try optional(.calls_per_second)
    }
}
