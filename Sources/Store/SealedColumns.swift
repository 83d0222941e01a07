import FoundationEssentials
import Vault

/// Seals and opens the columns that hold PHI. Each value is bound to its table, column and row, so that no row's value opens in another.
struct SealedColumns: Sendable {
    /// A column that is stored sealed.
    enum Column: String {
        case faxNumber = "faxes.number"
        case faxTerms = "faxes.terms"
        case attemptRemoteIdentifier = "attempts.remote_identifier"
        case inboundTo = "inbound.to"
        case inboundFrom = "inbound.from"
        case inboundRemoteIdentifier = "inbound.remote_identifier"
        case receptionTo = "receptions.to"
        case receptionFrom = "receptions.from"
        case receptionRemoteIdentifier = "receptions.remote_identifier"
        case keyName = "api_keys.name"
        case keyOwner = "api_keys.owner"
        case keyNote = "api_keys.note"
        case mailboxNumber = "mailbox_numbers.number"
        case associateNote = "associates.note"
        case webhookURL = "webhook_endpoints.url"
        case webhookSecret = "webhook_secrets.secret"
        case webhookCallback = "webhook_deliveries.url"
        case recipientEntry = "recipients.entry"

        var table: String { String(rawValue.prefix { $0 != "." }) }
        var name: String { String(rawValue.drop { $0 != "." }.dropFirst()) }
    }

    let ring: KeyRing

    func seal(_ text: String, _ column: Column, row: String) throws -> Data {
        Data(try ring.sealColumn(Array(text.utf8), table: column.table, column: column.name, row: row))
    }

    func open(_ sealed: Data, _ column: Column, row: String) throws -> String {
        String(
            decoding: try ring.openColumn(Array(sealed), table: column.table, column: column.name, row: row), as: UTF8.self)
    }

    /// By which the credentials of one person find each other.
    func index(person: String) throws -> Data {
        Data(try ring.blindIndex(person, label: "person"))
    }

    /// By which equal numbers find each other; `+` or not makes no difference.
    func index(number: String) throws -> Data {
        Data(try ring.blindIndex(number.filter { $0 != "+" }, label: "number"))
    }
}
