package import FaxModel
import Foundation
import Numbering
package import Store

/// Whether a fax may go to a number: lists, rules and what was delivered before. A misdirected fax is a breach (45 CFR 164.402), and most
/// are a slip of a finger or an old number.
package struct RecipientRules: Sendable {
    private let store: FaxStore
    private let policy: RecipientPolicy
    /// The region from which others are international; nil: none is.
    private let home: String?
    private let zone: TimeZone
    private let clock: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - stationID: the own number (`FAX_LOCAL_STATION_ID`): with a country code, it says what is international where no default region
    ///     does.
    ///   - timeZone: IANA name, of the day that ``RecipientPolicy/faxesPerDay`` is about; one that is not known counts as UTC.
    package init(
        store: FaxStore, policy: RecipientPolicy, stationID: String? = nil, timeZone: String = "UTC",
        clock: @escaping @Sendable () -> Timestamp
    ) {
        self.store = store
        self.policy = policy
        self.clock = clock
        zone = TimeZone(identifier: timeZone) ?? .gmt
        let own = stationID.flatMap { try? NumberPlan.world.parse($0, defaultRegion: nil) }
        home = policy.defaultRegion ?? own.flatMap { NumberPlan.world.home(of: $0) }
    }

    /// - Parameters:
    ///   - text: the number as somebody wrote it.
    ///   - owner: the key that sends.
    ///   - mailbox: from which it is sent.
    ///   - isConfirmed: whether the sender says that a person has looked at the number.
    ///   - ahead: faxes of the same request that were let through before this one and are not accepted yet.
    ///   - isCounted: whether the fax counts among those of a day already: it was taken in before.
    /// - Throws: the store's errors.
    package func check(
        _ text: String, owner: String, mailbox: String = Mailbox.main, isConfirmed: Bool, ahead: Int = 0, isCounted: Bool = false
    ) async throws -> RecipientVerdict {
        do {
            return try await verdict(text, owner, mailbox, isConfirmed, isCounted ? nil : ahead)
        } catch let refusal as RecipientRefusal {
            return .refuse(refusal)
        }
    }

    /// The number that a text means, as it is dialled and kept.
    /// - Throws: ``RecipientRefusal``.
    package func number(_ text: String) throws(RecipientRefusal) -> PhoneNumber { try read(text).number }

    /// The digits with which numbers begin, as `+1900`.
    /// - Returns: nil unless it is a `+` and 1 to 15 digits.
    package static func prefix(_ text: String) -> String? {
        let digits = text.dropFirst()
        let isPrefix = text.first == "+" && (1...15).contains(digits.utf8.count) && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
        return isPrefix ? text : nil
    }

    // MARK: The order of the rules

    private func verdict(
        _ text: String, _ owner: String, _ mailbox: String, _ isConfirmed: Bool, _ ahead: Int?
    ) async throws -> RecipientVerdict {
        let (number, plan) = try read(text)
        let facts = try await store.facts(
            ofRecipient: number.dialString, from: mailbox, withNeighbours: policy.oneDigitOff != .allow && !isConfirmed)
        try applyLists(facts)
        let isVouchedFor = facts.entry?.status == .allowed
        if let plan {
            if plan.kind == .premiumRate, !isVouchedFor { throw RecipientRefusal.premiumRate }
            try applyBorder(plan, isAllowed: isVouchedFor || facts.prefix?.status == .allowed)
        }
        if let ahead { try await applyCap(owner, ahead) }
        let isKnown = isConfirmed || isVouchedFor || facts.wasReached || facts.entry?.confirmedAt != nil
        let station = facts.entry?.expectedStation
        var warnings: [RecipientWarning] = plan.map { !$0.isValid && !isKnown } ?? false ? [.notInUse] : []
        if !isKnown {
            if facts.isOneDigitOff {
                if policy.oneDigitOff == .hold { return .hold(number, .oneDigitOff, expectedStation: station) }
                warnings.append(.oneDigitOff)
            }
            switch policy.firstUse {
            case .confirm: return .hold(number, .firstUse, expectedStation: station)
            case .warn: warnings.append(.firstUse)
            case .allow: break
            }
        }
        return .send(number, warnings: warnings, expectedStation: station)
    }

    /// - Returns: the number, and what the numbering plan says of it; nil for digits that are dialled as they are.
    private func read(_ text: String) throws(RecipientRefusal) -> (number: PhoneNumber, plan: E164Number?) {
        do {
            let plan = try NumberPlan.world.parse(text, defaultRegion: policy.defaultRegion)
            guard plan.extension == nil else { throw RecipientRefusal.hasExtension }
            guard let number = PhoneNumber(plan.text) else { throw RecipientRefusal.badNumber(NumberError.notANumber.sentence) }
            return (number, plan)
        } catch let error as NumberError {
            // No country is invented: what the operator's line makes of such digits, it knows itself.
            if error == .ambiguous, let number = PhoneNumber(text) { return (number, nil) }
            throw RecipientRefusal.badNumber(error.sentence)
        } catch let refusal as RecipientRefusal {
            throw refusal
        } catch {
            throw RecipientRefusal.badNumber(NumberError.notANumber.sentence)
        }
    }

    private func applyLists(_ facts: RecipientFacts) throws(RecipientRefusal) {
        switch facts.entry?.status {
        case .denied: throw .denied
        case .doNotFax: throw .doNotFax
        case .retired: throw .retired
        case .changed: throw .changed(facts.entry?.newNumber.flatMap { PhoneNumber($0) })
        // An entry of the very number goes before one of many numbers.
        case .allowed: return
        case .known, nil: break
        }
        switch facts.prefix?.status {
        case .allowed: return
        case .doNotFax: throw .doNotFax
        case .retired: throw .retired
        case .changed: throw .changed(nil)
        case .denied: throw .denied
        case .known, nil: if policy.recipients == .listed { throw .notListed }
        }
    }

    private func applyBorder(_ number: E164Number, isAllowed: Bool) throws(RecipientRefusal) {
        guard let home, !NumberPlan.world.isDomestic(number, home: home) else { return }
        switch policy.international {
        case .on: return
        case .allowlist where isAllowed: return
        case .allowlist, .off: throw .international
        }
    }

    private func applyCap(_ owner: String, _ ahead: Int) async throws {
        guard policy.faxesPerDay > 0 else { return }
        let today = today()
        let count = try await store.faxesAccepted(from: owner, since: today.lowerBound, limit: policy.faxesPerDay)
        guard count + ahead >= policy.faxesPerDay else { return }
        throw RecipientRefusal.dailyCap(
            policy.faxesPerDay, next: .milliseconds(max(1000, today.upperBound.milliseconds - clock().milliseconds)))
    }

    /// From midnight to midnight, in the operator's time zone.
    private func today() -> Range<Timestamp> {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let begin = calendar.startOfDay(for: Date(timeIntervalSince1970: Double(clock().milliseconds) / 1000))
        let end = calendar.date(byAdding: .day, value: 1, to: begin) ?? begin.addingTimeInterval(86_400)
        let times = [begin, max(begin, end)].map { Timestamp(milliseconds: Int64($0.timeIntervalSince1970 * 1000)) }
        return times[0]..<times[1]
    }
}
