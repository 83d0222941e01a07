import Foundation
import Testing

@testable import AuditSinks

@Suite struct ActionTableTests {
    /// The words of the ledger, read from its source: the ledger is no dependency of the sinks.
    static func words() throws -> [String] {
        let package = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let source = try String(contentsOf: package.appending(path: "Sources/Ledger/Events/LedgerAction.swift"), encoding: .utf8)
        return source.matches(of: /case \w+ = "([a-z_.]+)"/).map { String($0.1) }
    }

    @Test func everyActionOfTheLedgerHasARow() throws {
        let words = try Self.words()
        #expect(words.count >= 44)
        for word in words {
            #expect(ActionClass.knows(word), "\(word) has no row in ActionClass.table")
            // MSGID of RFC 5424.
            #expect(word.utf8.count <= 32)
        }
    }

    @Test func whatMustWakeSomebodyIsHigh() {
        for action in ["break_glass.opened", "ledger.rollback_accepted"] {
            #expect(ActionClass.of(action).severity(outcome: "success") == .high)
        }
        for action in ["integrity.checked", "backup.drilled", "person.revoked"] {
            #expect(ActionClass.of(action).severity(outcome: "failure") == .high)
        }
        #expect(ActionClass.of("sign_in.failed").severity(outcome: "failure") == .medium)
    }

    @Test func anOutcomeThatIsNotSuccessIsNeverLessGrave() throws {
        for word in try Self.words() {
            let row = ActionClass.of(word)
            #expect(row.severity(outcome: "failure") >= max(row.severity(outcome: "success"), .low))
            #expect(row.severity(outcome: "denied") >= .medium)
        }
    }

    @Test func anUnknownActionIsAPIActivityOfAnotherKind() {
        let row = ActionClass.of("fax.teleported")
        #expect(row.ocsf == .apiActivity && row.activity == 99 && row.severity(outcome: "success") == .informational)
    }
}
