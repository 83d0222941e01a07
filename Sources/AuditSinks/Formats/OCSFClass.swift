/// The OCSF event classes that actions are mapped to, and the members that each requires besides the base event's.
enum OCSFClass: Int, Sendable, Hashable {
    case accountChange = 3001
    case authentication = 3002
    case authorizeSession = 3003
    case entityManagement = 3004
    case applicationLifecycle = 6002
    case apiActivity = 6003
    case datastoreActivity = 6005

    /// 3 identity and access management, 6 application activity.
    var category: Int { rawValue / 1000 }

    /// Writes the class's own members.
    func writeMembers(of event: AuditEvent, product: (inout JSONText) -> Void, to json: inout JSONText) {
        let object = event.leaf?.object ?? ""
        switch self {
        case .authentication, .authorizeSession:
            json.member("user") { OCSFEvent.writeUser(event, to: &$0) }
        case .accountChange:
            // The account that was changed, not who changed it.
            json.member("user") {
                $0.member("uid", object)
                $0.member("type_id", 99)
                $0.member("type", Self.kind(of: object))
            }
        case .entityManagement:
            json.member("entity") {
                $0.member("uid", object)
                $0.member("type", Self.kind(of: object))
            }
        case .applicationLifecycle:
            json.member("app", product)
        case .apiActivity:
            json.member("api") { $0.member("operation", event.action) }
        case .datastoreActivity:
            json.member("databucket") {
                $0.member("uid", object)
                $0.member("name", "vault")
                $0.member("type_id", 99)
                $0.member("type", "Faxlock vault")
            }
        }
        guard self != .applicationLifecycle else { return }
        json.member("src_endpoint") {
            if let address = event.leaf?.actor.address, AddressFamily(of: address) != nil { $0.member("ip", address) }
            // The object must have a member.
            $0.member("name", event.leaf.map { $0.actor.client.isEmpty ? "server" : $0.actor.client } ?? "server")
        }
    }

    /// `key` of `key/5f...`.
    private static func kind(of object: String) -> String {
        object.split(separator: "/").first.map(String.init) ?? "ledger"
    }
}
