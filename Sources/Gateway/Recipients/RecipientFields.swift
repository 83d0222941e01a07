import FaxDispatch
import FaxModel
import HTTPTypes
import Store

/// The body of a change to the recipients.
struct RecipientFields: Decodable {
    static let expected = """
        number or prefix and, as wanted, status, name, expected_station, reason, new_number, since, all texts
        """

    let number: String?
    let prefix: String?
    let status: String?
    let name: String?
    let expected_station: String?
    let reason: String?
    let new_number: String?
    let since: String?

    static func badStatus(_ status: HTTPResponse.Status = .unprocessableContent) -> Problem {
        let words = RecipientRecord.Status.allCases.map(\.rawValue).joined(separator: ", ")
        return Problem(status, "status must be one of \(words).")
    }

    /// Which entry is meant.
    func target(_ rules: RecipientRules) throws(Problem) -> (number: String, isPrefix: Bool) {
        switch (number, prefix) {
        case (let number?, nil): return (try Self.dialled(number, "number", rules), false)
        case (nil, let prefix?):
            guard let prefix = RecipientRules.prefix(prefix) else {
                throw Problem(.unprocessableContent, "prefix must be + and 1 to 15 digits, such as +1900.")
            }
            return (prefix, true)
        default: throw Problem(.unprocessableContent, "The body must have either number or prefix.")
        }
    }

    func change(_ rules: RecipientRules) throws(Problem) -> RecipientChange {
        let target = try target(rules)
        var change = RecipientChange(number: target.number, isPrefix: target.isPrefix)
        if let status {
            guard let known = RecipientRecord.Status(rawValue: status) else { throw Self.badStatus() }
            change.status = known
        }
        change.name = try Self.line(name, "name")
        change.reason = try Self.line(reason, "reason")
        if let station = expected_station {
            let isStation = station.utf8.count <= 20 && station.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2B || $0 == 0x20 }
            guard isStation, station.isEmpty || station.utf8.contains(where: { (0x30...0x39).contains($0) }) else {
                throw Problem(
                    .unprocessableContent, "expected_station must be at most 20 of digits, + and space, as the machine names itself.")
            }
            change.expectedStation = station
        }
        if let new = new_number { change.newNumber = new.isEmpty ? "" : try Self.dialled(new, "new_number", rules) }
        if let since {
            guard since.utf8.count == 10, let day = Timestamp(iso8601: since) else {
                throw Problem(.unprocessableContent, "since must be a day, such as 2026-11-22.")
            }
            change.since = day
        }
        if target.isPrefix, change.status != .allowed, change.status != .denied {
            throw Problem(.unprocessableContent, "A prefix is allowed or denied: status must be one of the two.")
        }
        if target.isPrefix, name != nil || expected_station != nil || new_number != nil {
            throw Problem(.unprocessableContent, "A prefix has a status and a reason only.")
        }
        return change
    }

    private static func dialled(_ text: String, _ field: String, _ rules: RecipientRules) throws(Problem) -> String {
        do {
            return try rules.number(text).dialString
        } catch {
            throw Problem(.unprocessableContent, "\(field): \(error.sentence)")
        }
    }

    private static func line(_ text: String?, _ field: String) throws(Problem) -> String? {
        guard let text else { return nil }
        let isLine = text.count <= 200 && text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        guard isLine else { throw Problem(.unprocessableContent, "\(field) must be one line of at most 200 characters.") }
        return text
    }
}
