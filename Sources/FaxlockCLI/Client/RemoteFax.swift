/// A fax as the server's API shows it.
struct RemoteFax: Decodable {
    struct Attempt: Decodable {
        let number: Int
        let started_at: String?
        let outcome: String?
        let bit_rate: Int?
        let error_correction: Bool?
        let pages_confirmed: Int
        let received_fax_id: String?
    }

    let id: String
    let to: String
    let status: String
    let state: String
    let error: String?
    let pages: Int?
    let pages_confirmed: Int
    let created_at: String
    let updated_at: String?
    let attempts: [Attempt]?
    let send_at: String?
    let next_attempt_at: String?
    let dials: Int?
    let hold: String?
    let warnings: [String]?

    /// Whether nothing changes any more without a person.
    var isOver: Bool { ["delivered", "failed", "cancelled", "unknown", "disabled", "held"].contains(state) }

    /// How a command that waited for it exits; nil: with success.
    var failure: CommandFailure.Status? {
        switch state {
        case "failed", "cancelled": .failed
        case "unknown": .unknown
        case "held": .held
        default: nil
        }
    }

    /// One line for a person.
    var summary: String {
        var parts = [id, to, state]
        if let pages { parts.append("\(pages_confirmed)/\(pages) pages confirmed") }
        if let attempt = attempts?.last, let rate = attempt.bit_rate {
            parts.append("\(rate) bit/s\(attempt.error_correction == true ? " ECM" : "")")
        }
        if let error { parts.append(error) }
        return parts.joined(separator: "  ")
    }
}
