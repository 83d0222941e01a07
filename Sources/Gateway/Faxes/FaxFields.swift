import Crypto
import FaxModel
import HTTPTypes
import Webhooks
import WorkerProtocol

/// The fields of `POST /fax` beside the document, as they come. Nothing of them is in any error.
struct FaxFields {
    /// Recipients of one request.
    static let maximumRecipients = 100
    /// Fields that may come several times.
    private static let repeatable: Set = ["to", "tags"]
    private static let maximumBytes = 65_536
    /// For how long ahead a fax may be scheduled, and how long it may be tried.
    private static let horizon = Duration.seconds(366 * 86_400)

    private var values: [String: [[UInt8]]] = [:]
    private var count = 0

    mutating func begin(_ name: String) throws(Problem) {
        guard values[name] == nil || Self.repeatable.contains(name) else {
            throw Problem(.badRequest, "A field of the form was sent twice.", closesConnection: true)
        }
        try take(name.utf8.count + 16)
        values[name, default: []].append([])
    }

    mutating func append(_ bytes: ArraySlice<UInt8>, to name: String) throws(Problem) {
        try take(bytes.count)
        guard var value = values[name]?.popLast() else { return }
        value.append(contentsOf: bytes)
        guard value.count <= Self.limit(of: name) else { throw Self.tooLong }
        values[name]?.append(value)
    }

    private mutating func take(_ bytes: Int) throws(Problem) {
        count += bytes
        guard count <= Self.maximumBytes else { throw Self.tooLong }
    }

    private static func limit(of name: String) -> Int {
        switch name {
        case "to", "tags", "cover_comments": 4096
        case "callback_url": 2048
        default: 1024
        }
    }

    private static let tooLong = Problem(.badRequest, "A field of the form is too long.", closesConnection: true)

    /// Feeds all of it into a digest: names and values in the order of the names, each with its length.
    func update(_ digest: inout SHA256) {
        func feed(_ bytes: [UInt8]) {
            digest.update(data: withUnsafeBytes(of: UInt64(bytes.count).bigEndian) { Array($0) })
            digest.update(data: bytes)
        }
        for (name, values) in values.sorted(by: { $0.key < $1.key }) {
            for value in values {
                feed(Array(name.utf8))
                feed(value)
            }
        }
    }

    func text(_ name: String) -> String? {
        values[name]?.first.map { String(decoding: $0, as: UTF8.self) }
    }

    /// As ``text(_:)``, but nothing where it is empty: forms send what nobody filled in.
    private func filled(_ name: String) -> String? {
        text(name).flatMap { $0.isEmpty ? nil : $0 }
    }

    private func all(_ name: String) -> [String] {
        (values[name] ?? []).map { String(decoding: $0, as: UTF8.self) }
    }

    // MARK: Values

    /// Whom it goes to, one by one as they were written.
    var recipients: [String] {
        get throws(Problem) {
            let given = all("to")
            guard !given.isEmpty else { throw Self.missing("to") }
            let recipients = given.flatMap { value in
                value.contains(",")
                    ? value.split(separator: ",", omittingEmptySubsequences: false).map { Self.trimmed(String($0)) } : [value]
            }
            guard recipients.count <= Self.maximumRecipients else {
                throw Problem(.badRequest, "A fax goes to \(Self.maximumRecipients) recipients at most.", closesConnection: true)
            }
            return recipients
        }
    }

    /// The client says that it knows what the rules on recipients would have a person confirm.
    var isConfirmed: Bool {
        get throws(Problem) { try boolean("confirm") ?? false }
    }

    func resolution(or usual: Resolution) throws(Problem) -> Resolution {
        guard let word = text("resolution") else { return usual }
        guard let given = Resolution(rawValue: word), given != .superfine else {
            throw Problem(.badRequest, "The resolution is standard or fine.")
        }
        return given
    }

    func paper(or usual: String) throws(Problem) -> PageJob.Paper {
        guard let paper = PageJob.Paper(rawValue: text("paper") ?? usual) else { throw Problem(.badRequest, "The paper is letter or a4.") }
        return paper
    }

    /// When, how urgently, how often and what for.
    func terms(now: Timestamp) throws(Problem) -> FaxTerms {
        var terms = FaxTerms()
        terms.priority = try word("priority", Priority.self) ?? .normal
        terms.purpose = try word("purpose", Purpose.self)
        terms.sendAt = try moment("send_at", now: now)
        if let sendAt = terms.sendAt, sendAt <= now { terms.sendAt = nil }
        terms.notAfter = try moment("not_after", now: now)
        if let notAfter = terms.notAfter, notAfter <= terms.sendAt ?? now {
            throw Problem(.badRequest, "The time \"not_after\" must be in the future, and after \"send_at\".")
        }
        if let text = filled("hours") {
            guard let hours = RecipientHours(text) else {
                throw Problem(.badRequest, "The hours must be as \"Mon-Fri 08:00-17:00 America/New_York\".")
            }
            terms.hours = hours
        }
        terms.maximumDials = try number("max_dials", 1...50)
        terms.maximumTries = try number("max_tries", 1...20)
        terms.tags = try tags()
        terms.callbackURL = try callbackURL()
        terms.cover = try cover()
        terms.expectedStation = try expectedStation()
        return terms
    }

    private func tags() throws(Problem) -> [String] {
        var tags: [String] = []
        for value in all("tags") {
            for part in value.split(separator: ",") {
                let tag = Self.trimmed(String(part))
                if tag.isEmpty || tags.contains(tag) { continue }
                guard tag.count <= 64, Self.isPlain(tag) else {
                    throw Problem(.badRequest, "A tag has 64 characters at most, and no control characters.")
                }
                tags.append(tag)
            }
        }
        guard tags.count <= 20 else { throw Problem(.badRequest, "A fax has 20 tags at most.") }
        return tags
    }

    /// Where it leads is looked at when something is sent there.
    private func callbackURL() throws(Problem) -> String? {
        guard let text = filled("callback_url") else { return nil }
        do throws(WebhookURLError) {
            return try WebhookURL(text).text
        } catch {
            throw Problem(.badRequest, "The callback_url \(error)")
        }
    }

    private func cover() throws(Problem) -> Cover? {
        let isWanted = try boolean("cover")
        func line(_ name: String) throws(Problem) -> String? {
            guard let text = filled(name) else { return nil }
            guard text.count <= 200, Self.isPlain(text) else {
                throw Problem(.badRequest, "The field \"\(name)\" is one line of 200 characters at most.")
            }
            return text
        }
        let comments = filled("cover_comments")
        guard
            comments.map({ $0.count <= 2000 && $0.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).count <= 60 })
                != false
        else { throw Problem(.badRequest, "The cover's comments have 2,000 characters and 60 lines at most.") }
        let cover = Cover(to: try line("cover_to"), from: try line("cover_from"), subject: try line("cover_subject"), comments: comments)
        if isWanted == false { return nil }
        return isWanted == true || cover != Cover() ? cover : nil
    }

    /// The digits of what the far machine calls itself (ITU-T T.30, 5.3.6.2.4: 20 characters).
    private func expectedStation() throws(Problem) -> String? {
        guard let text = filled("expected_station") else { return nil }
        let digits = text.filter(\.isWholeNumber)
        guard text.count <= 32, text.allSatisfy({ $0.isASCII && ($0.isWholeNumber || "+-.() ".contains($0)) }),
            (4...20).contains(digits.count)
        else { throw Problem(.badRequest, "The expected_station is a number of 4 to 20 digits.") }
        return digits
    }

    // MARK: Kinds of values

    private func word<Word: RawRepresentable & CaseIterable>(_ name: String, _ type: Word.Type) throws(Problem) -> Word?
    where Word.RawValue == String {
        guard let text = filled(name) else { return nil }
        guard let word = Word(rawValue: text) else {
            throw Problem(.badRequest, "The \(name) is one of: \(Word.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        return word
    }

    private func moment(_ name: String, now: Timestamp) throws(Problem) -> Timestamp? {
        guard let text = filled(name) else { return nil }
        guard let moment = Timestamp(iso8601: text), moment <= now.advanced(by: Self.horizon) else {
            throw Problem(.badRequest, "The field \"\(name)\" must be an ISO 8601 time of at most a year from now.")
        }
        return moment
    }

    private func number(_ name: String, _ range: ClosedRange<Int>) throws(Problem) -> Int? {
        guard let text = filled(name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw Problem(.badRequest, "The field \"\(name)\" must be a whole number from \(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }

    private func boolean(_ name: String) throws(Problem) -> Bool? {
        switch filled(name) {
        case nil: nil
        case "true", "1": true
        case "false", "0": false
        default: throw Problem(.badRequest, "The field \"\(name)\" is true or false.")
        }
    }

    static func missing(_ field: String) -> Problem {
        Problem(.unprocessableContent, "The form has no field \"\(field)\".")
    }

    private static func isPlain(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control && $0 != "\u{2028}" && $0 != "\u{2029}" }
    }

    private static func trimmed(_ text: String) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
