import FaxModel
import FoundationEssentials
import GRDB

/// What of a fax's terms is PHI or may be, as it is sealed in one column.
struct SealedTerms: Codable {
    var tags: [String]?
    var callbackURL: String?
    var cover: Cover?
    var expectedStation: String?
    var numberWarnings: [String]?

    /// - Returns: nil where there is nothing to seal.
    init?(_ terms: FaxTerms) {
        guard
            !terms.tags.isEmpty || terms.callbackURL != nil || terms.cover != nil || terms.expectedStation != nil
                || !terms.numberWarnings.isEmpty
        else { return nil }
        tags = terms.tags.isEmpty ? nil : terms.tags
        callbackURL = terms.callbackURL
        cover = terms.cover
        expectedStation = terms.expectedStation
        numberWarnings = terms.numberWarnings.isEmpty ? nil : terms.numberWarnings.map(\.rawValue)
    }
}

extension FaxTerms {
    /// From the columns of `faxes`.
    init(_ row: Row, columns: SealedColumns) throws {
        self.init()
        let id: String = row["id"]
        guard let priority = Priority(rawValue: row["priority"]) else { throw StoreFailure.damagedRow(table: "faxes", row: id) }
        self.priority = priority
        purpose = (row["purpose"] as String?).flatMap { Purpose(rawValue: $0) }
        sendAt = (row["send_at"] as Int64?).map { Timestamp(milliseconds: $0) }
        notAfter = Timestamp(milliseconds: row["not_after"])
        hours = (row["hours"] as String?).flatMap { RecipientHours($0) }
        maximumDials = row["max_dials"]
        maximumTries = row["max_tries"]
        guard let data = row["sealed_terms"] as Data? else { return }
        let sealed = try JSONDecoder().decode(SealedTerms.self, from: Data(try columns.open(data, .faxTerms, row: id).utf8))
        tags = sealed.tags ?? []
        callbackURL = sealed.callbackURL
        cover = sealed.cover
        expectedStation = sealed.expectedStation
        numberWarnings = (sealed.numberWarnings ?? []).compactMap { RecipientWarning(rawValue: $0) }
    }
}
