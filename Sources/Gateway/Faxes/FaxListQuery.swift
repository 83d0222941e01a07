import FaxDispatch
import FaxModel
import Hummingbird
import Store

/// The parameters of `GET /fax`.
enum FaxListQuery {
    /// - Parameter rules: by which numbers are read; nil where a number is as the contract has it.
    /// - Throws: 422 for a value that is not one of its own. Parameters that are not known are ignored.
    static func read(_ request: Request, rules: RecipientRules?) throws(Problem) -> FaxFilter {
        let parameters = request.uri.queryParameters
        func text(_ name: String) -> String? { parameters[Substring(name)].map { String($0) } }
        func wrong(_ name: String, _ what: String) -> Problem {
            Problem(.unprocessableContent, "The parameter \"\(name)\" must be \(what).")
        }
        func fax(_ name: String) throws(Problem) -> FaxID? {
            guard let text = text(name) else { return nil }
            guard let id = FaxID(text) else { throw wrong(name, "the id of a fax") }
            return id
        }
        func moment(_ name: String) throws(Problem) -> Timestamp? {
            guard let text = text(name) else { return nil }
            guard let moment = Timestamp(iso8601: text) else { throw wrong(name, "an ISO 8601 time") }
            return moment
        }
        var filter = FaxFilter()
        filter.states = try states(text("state"), text("status"))
        filter.mailbox = text("mailbox")
        filter.tag = text("tag")
        if let word = text("purpose") {
            guard let purpose = Purpose(rawValue: word) else { throw wrong("purpose", oneOf(Purpose.allCases.map(\.rawValue))) }
            filter.purpose = purpose
        }
        if let word = text("priority") {
            guard let priority = Priority(rawValue: word) else { throw wrong("priority", oneOf(Priority.allCases.map(\.rawValue))) }
            filter.priority = priority
        }
        if let batch = text("batch") {
            guard let id = FaxID(batch) else { throw wrong("batch", "the id of a batch") }
            filter.batch = id
        }
        if let number = text("to") {
            // A `+` that was not encoded stands for a space in some clients.
            let text = number.hasPrefix(" ") ? "+" + number.dropFirst() : number
            guard let number = (try? rules?.number(text)) ?? PhoneNumber(text) else { throw wrong("to", "a number of 6 to 20 digits") }
            filter.number = number
        }
        filter.since = try moment("since")
        filter.until = try moment("until")
        filter.before = try fax("before")
        if let text = text("cursor") {
            guard let id = FaxID(text) else { throw wrong("cursor", "one that a Link header gave") }
            filter.before = [filter.before, id].compactMap(\.self).min { $0.text < $1.text }
        }
        return filter
    }

    /// The next page's address, for `Link` (RFC 8288): the same parameters with another cursor.
    static func next(after last: FaxID, _ request: Request) -> String {
        let kept = (request.uri.query ?? "").split(separator: "&").filter { !$0.hasPrefix("cursor=") && !$0.hasPrefix("before=") }
        return "</fax?\((kept.map(String.init) + ["cursor=\(last)"]).joined(separator: "&"))>; rel=\"next\""
    }

    /// `state` names states, `status` words of the contract; each is a list, and both may be there.
    private static func states(_ state: String?, _ status: String?) throws(Problem) -> Set<FaxState>? {
        var states: Set<FaxState>?
        if let state {
            let words = state.split(separator: ",").map { FaxState(rawValue: String($0)) }
            guard !words.isEmpty, !words.contains(nil) else {
                throw Problem(.unprocessableContent, "The parameter \"state\" must be \(oneOf(FaxState.allCases.map(\.rawValue))).")
            }
            states = Set(words.compactMap(\.self))
        }
        if let status {
            let words = Set(status.split(separator: ",").map(String.init))
            let known = Set(FaxState.allCases.map(\.contractStatus))
            guard !words.isEmpty, words.isSubset(of: known) else {
                throw Problem(.unprocessableContent, "The parameter \"status\" must be \(oneOf(known.sorted())).")
            }
            let meant = Set(FaxState.allCases.filter { words.contains($0.contractStatus) })
            states = states?.intersection(meant) ?? meant
        }
        return states
    }

    private static func oneOf(_ words: [String]) -> String { "one of: " + words.joined(separator: ", ") }
}
