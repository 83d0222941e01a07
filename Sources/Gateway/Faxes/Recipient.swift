import FaxDispatch
import FaxModel
import HTTPTypes
import Hummingbird

/// Whom a fax goes to, after the rules on recipients were asked.
struct Recipient {
    let number: PhoneNumber
    /// Why a person must let it go.
    var hold: HoldReason?
    /// What the rules say the far machine calls itself.
    var expectedStation: String?
    var warnings: [RecipientWarning] = []

    /// - Parameters:
    ///   - rules: nil where there are none: then a number is as the contract has it.
    ///   - ahead: recipients of the same request before this one: they count among those of the day.
    ///   - isCounted: whether the fax counts among those of a day already: it was taken in before.
    ///   - place: which of several it is, before each sentence.
    /// - Throws: a ``Problem``: 400 for what is no number, 403 for one that may not be faxed to, 429 for one too many.
    static func check(
        _ text: String, rules: RecipientRules?, owner: String, mailbox: String, isConfirmed: Bool, ahead: Int = 0, isCounted: Bool = false,
        place: String = ""
    ) async throws -> Recipient {
        guard let rules else { return try plain(text, place: place) }
        switch try await rules.check(text, owner: owner, mailbox: mailbox, isConfirmed: isConfirmed, ahead: ahead, isCounted: isCounted) {
        case .send(let number, let warnings, let station):
            return Recipient(number: number, expectedStation: station, warnings: warnings)
        case .hold(let number, let reason, let station):
            return Recipient(number: number, hold: reason, expectedStation: station)
        case .refuse(let refusal): throw problem(refusal, place: place)
        }
    }

    private static func problem(_ refusal: RecipientRefusal, place: String) -> Problem {
        var members = ["code": refusal.code]
        var retryAfter: Int?
        switch refusal {
        case .changed(let number?): members["new_number"] = number.dialString
        case .dailyCap(_, let next): retryAfter = max(1, Int(next.components.seconds))
        default: break
        }
        return Problem(HTTPResponse.Status(code: refusal.status), place + refusal.sentence, retryAfter: retryAfter, members: members)
    }

    /// `+` or nothing and 6 to 20 digits.
    static func plain(_ text: String, place: String) throws(Problem) -> Recipient {
        guard let number = PhoneNumber(text) else {
            throw Problem(.badRequest, "\(place)The number must be 6 to 20 digits, with + in front of a country code.")
        }
        return Recipient(number: number)
    }
}
