import ArgumentParser

/// What may be said of a fax beside number and document.
struct SendOptions: ParsableArguments {
    @Option(help: "standard or fine.") var resolution: String?
    @Option(help: "Paper for text and cover: letter or a4.") var paper: String?
    @Option(help: "The mailbox that it is sent from.") var mailbox: String?
    @Option(help: "Not before this moment, ISO 8601, for example 2026-11-23T08:00:00-05:00.") var sendAt: String?
    @Option(help: "No call after this moment, ISO 8601.") var notAfter: String?
    @Option(help: "urgent, normal or bulk.") var priority: String?
    @Option(help: "Why it is sent, for example treatment or payment.") var purpose: String?
    @Option(help: "When the recipient may be called: \"Mon-Fri 08:00-17:00 America/New_York\".") var hours: String?
    @Option(help: "A word to find it by; may be repeated.") var tag: [String] = []
    @Option(help: "Where its events are posted.") var callbackURL: String?
    @Option(help: "Calls at most, 1 to 50.") var maxDials: String?
    @Option(help: "Calls at most that fail at the same page, 1 to 20.") var maxTries: String?
    @Option(help: "The number that the machine which answers must call itself.") var expectedStation: String?
    @Flag(help: "The number was checked: rules that ask a person to confirm it are satisfied.") var confirm = false
    @Flag(help: "Put a cover page in front.") var cover = false
    @Option(help: "On the cover page: whom it is for.") var coverTo: String?
    @Option(help: "On the cover page: who sends it.") var coverFrom: String?
    @Option(help: "On the cover page: the subject.") var coverSubject: String?
    @Option(help: "On the cover page: comments.") var coverComments: String?

    /// The form's fields.
    var fields: [(String, String)] {
        let given: [(String, String?)] = [
            ("resolution", resolution), ("paper", paper), ("mailbox", mailbox), ("send_at", sendAt), ("not_after", notAfter),
            ("priority", priority), ("purpose", purpose), ("hours", hours), ("callback_url", callbackURL), ("max_dials", maxDials),
            ("max_tries", maxTries), ("expected_station", expectedStation), ("confirm", confirm ? "true" : nil),
            ("cover", cover ? "true" : nil), ("cover_to", coverTo), ("cover_from", coverFrom), ("cover_subject", coverSubject),
            ("cover_comments", coverComments),
        ]
        return given.compactMap { name, value in value.map { (name, $0) } } + tag.map { ("tags", $0) }
    }
}
