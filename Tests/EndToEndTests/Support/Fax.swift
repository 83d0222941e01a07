/// The job object of the API, as far as tests look at it.
struct Fax: Decodable, Sendable {
    struct Attempt: Decodable, Sendable {
        let number: Int
        let started_at: String?
        let ended_at: String?
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
    let resolution: String
    let attempts: [Attempt]?

    /// No more comes by itself.
    var isOver: Bool { ["delivered", "failed", "unknown"].contains(state) }
    /// A call is under way and both machines have agreed on how to talk.
    var isTalking: Bool { state == "sending" && attempts?.last?.bit_rate != nil }
}

/// The inbound object of the API.
struct ReceivedFax: Decodable, Sendable {
    let id: String
    let fr: String?
    let to: String?
    let status: String
    let pages: Int?
    let error_correction: Bool?
}
