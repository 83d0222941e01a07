import FaxDispatch
import FaxModel
import HTTPTypes
import HummingbirdTesting
import Ledger
import Store
import Testing
import Vault
import WorkerProtocol

@testable import Gateway

/// Withdraw, send again, let go, reconcile.
@Suite struct FaxActionTests {
    private func accepted(_ client: any TestClientProtocol, _ key: HTTPFields = .bootstrap, _ form: TestForm = .good) async throws -> FaxID
    {
        try #require(FaxID(try await client.send(form, key).json()["id"]?.text ?? ""))
    }

    private func unknown(_ gateway: TestGateway, _ client: any TestClientProtocol) async throws -> FaxID {
        let id = try await accepted(client)
        try await gateway.render(id, TestGateway.pages(1))
        let attempt = try await gateway.call(id, TestGateway.pages(1), reference: id.text)
        _ = try await gateway.store.attemptEnded(id, attempt: attempt, report: .init(.unknown, evidence: "x")) {
            RetryDecision(next: .hold, progress: $0.fax.progress)
        }
        return id
    }

    // MARK: Cancel

    @Test func aFaxThatWaitsIsCancelledAtOnce() async throws {
        try await TestGateway.run { gateway, client in
            for isRendered in [false, true] {
                let id = try await accepted(client)
                if isRendered { try await gateway.render(id, TestGateway.pages(1)) }
                let response = try await client.post("/fax/\(id)/cancel")
                #expect(response.status == .ok)
                #expect(try response.json()["state"] == "cancelled")
                #expect(try response.json()["status"] == "FAILED")
                let again = try await client.post("/fax/\(id)/cancel")
                #expect(again.status == .conflict)
                #expect(again.detail == "It is too late: the fax is cancelled.")
            }
            #expect(gateway.endedCalls.all.isEmpty)
            #expect(try await gateway.events("fax.cancel_requested").map(\.actor.id) == ["bootstrap", "bootstrap"])
        }
    }

    @Test func aCallIsEnded() async throws {
        try await TestGateway.run { gateway, client in
            let id = try await accepted(client)
            let pages = TestGateway.pages(2)
            try await gateway.render(id, pages)
            let attempt = try await gateway.call(id, pages)
            let response = try await client.post("/fax/\(id)/cancel")
            #expect(response.status == .accepted)
            #expect(try response.json()["state"] == "sending")
            #expect(try response.json()["warnings"]?.items.last == "It was withdrawn; its call is being ended.")
            #expect(gateway.endedCalls.all == [id])
            _ = try await gateway.store.attemptEnded(id, attempt: attempt, report: .init(.interrupted, evidence: "BYE")) {
                RetryDecision(next: .again, progress: $0.fax.progress, dueAt: gateway.clock.now)
            }
            #expect(try await client.get("/fax/\(id)").json()["state"] == "cancelled")
        }
    }

    @Test func whatIsOverOrUnknownIsNotCancelled() async throws {
        try await TestGateway.run { gateway, client in
            let id = try await accepted(client)
            try await gateway.render(id, TestGateway.pages(1))
            try await gateway.deliver(id, TestGateway.pages(1))
            #expect(try await client.post("/fax/\(id)/cancel").detail == "It is too late: the fax is delivered.")
            let lost = try await unknown(gateway, client)
            let response = try await client.post("/fax/\(lost)/cancel")
            #expect(response.status == .conflict)
            #expect(response.detail?.contains("Reconcile") == true)
        }
    }

    /// Of a cancel and a dispatch at the same moment, one wins: never a call for a fax that was said to be cancelled.
    @Test func cancelAgainstDispatch() async throws {
        try await TestGateway.run { gateway, client in
            let pages = TestGateway.pages(1)
            var outcomes: Set<Int> = []
            for round in 0..<30 {
                let id = try await accepted(client)
                try await gateway.render(id, pages)
                let image = try await gateway.image(pages, .transmitted)
                async let attempt = gateway.store.intendAttempt(
                    for: id, FaxStore.Intent(backend: "line", reference: "call \(round)", image: image))
                async let answer = client.post("/fax/\(id)/cancel")
                let (number, status) = try await (attempt, answer.status)
                outcomes.insert(status.code)
                switch status {
                case .ok:
                    #expect(number == nil)
                    #expect(try await gateway.store.fax(id)?.state == .cancelled)
                case .accepted:
                    #expect(number == 1)
                    #expect(gateway.endedCalls.all.last == id)
                    #expect(try await gateway.store.fax(id)?.state == .sending)
                    _ = try await gateway.store.attemptEnded(id, attempt: 1, report: .init(.interrupted, evidence: "")) {
                        RetryDecision(next: .again, progress: $0.fax.progress, dueAt: gateway.clock.now)
                    }
                    #expect(try await gateway.store.fax(id)?.state == .cancelled)
                default: Issue.record("\(status)")
                }
            }
            #expect(!outcomes.isEmpty)
        }
    }

    // MARK: Resend

    @Test func sentAgainAsANewFax() async throws {
        try await TestGateway.run { gateway, client in
            let form = TestForm(
                .field("to", "+15551230100"), .field("tags", "a"), .field("purpose", "payment"), .field("priority", "bulk"),
                .field("send_at", "2026-11-23"), .field("cover_to", "Dr. Example"), .field("expected_station", "15551230100"),
                .file(TestForm.text))
            let id = try await accepted(client, .bootstrap, form)
            #expect(try await client.post("/fax/\(id)/resend").status == .conflict)
            _ = try await client.post("/fax/\(id)/cancel")
            let response = try await client.post("/fax/\(id)/resend", json: #"{"to": "+15551230107", "priority": "urgent"}"#)
            #expect(response.status == .accepted)
            let job = try response.json()
            #expect(job["resent_from"]?.text == id.text)
            #expect(job["to"] == "+15551230107")
            #expect(job["priority"] == "urgent")
            #expect(job["purpose"] == "payment")
            #expect(job["tags"] == ["a"])
            #expect(job["send_at"] == .null)
            let copyID = try #require(FaxID(job["id"]?.text ?? ""))
            let copy = try #require(try await gateway.store.fax(copyID))
            #expect(response.headers[.location] == "/fax/\(copy.id)")
            // Whom the cover named is not whom this one goes to.
            #expect(copy.terms.cover == Cover())
            // What another machine called itself is nothing to this one.
            #expect(copy.terms.expectedStation == nil)
            let former = try #require(try await gateway.store.fax(id))
            #expect(copy.document != former.document)
            #expect(try await gateway.documents.open(copy.document).read(upTo: 99) == TestForm.text)
            let resent = try await gateway.events("fax.resent")
            #expect(resent.map(\.object) == ["fax/\(id)"])
            #expect(resent.first?.details?["as"]?.text == "fax/\(copy.id)")
            // It is found by its tags.
            #expect(try await client.get("/fax?tag=a").json().items.count == 2)
        }
    }

    @Test func notWhileTheFirstMayArrive() async throws {
        try await TestGateway.run { gateway, client in
            let id = try await unknown(gateway, client)
            let blobs = try gateway.blobs().count
            for json in [nil, "{}", #"{"force": false}"#] {
                let response = try await client.post("/fax/\(id)/resend", json: json)
                #expect(response.status == .conflict)
                #expect(response.detail?.contains("force") == true)
            }
            #expect(try gateway.blobs().count == blobs)
            #expect(try await client.post("/fax/\(id)/resend", json: #"{"force": true}"#).status == .accepted)
            #expect(try await gateway.store.faxes(limit: 9).count == 2)
        }
    }

    /// Reconciled as not delivered, the first goes on by itself: a copy that was decided before must not go beside it.
    @Test func aCopyIsNotMadeOfAFaxThatMovedMeanwhile() async throws {
        try await TestGateway.run { gateway, client async throws in
            let id = try await unknown(gateway, client)
            let seen = try #require(try await gateway.store.fax(id))
            #expect(try await gateway.store.reconcile(id, as: .notDelivered, evidence: "asked", by: .system))
            let blobs = try gateway.blobs().count
            await #expect(throws: FaxStore.FaxMoved.self) {
                _ = try await gateway.intake.resend(
                    seen, as: .init(number: seen.number, owner: "o", format: .pdf, resolution: .fine, paper: .letter), by: .system)
            }
            #expect(try gateway.blobs().count == blobs)
            #expect(try await gateway.store.faxes(limit: 9).count == 1)
        }
    }

    @Test func resendingIsRepeatedWithoutAThirdFax() async throws {
        try await TestGateway.run { gateway, client in
            let id = try await accepted(client)
            _ = try await client.post("/fax/\(id)/cancel")
            var headers = HTTPFields.bootstrap
            headers[.idempotencyKey] = "again-1"
            let first = try await client.post("/fax/\(id)/resend", headers)
            let second = try await client.post("/fax/\(id)/resend", headers, json: "{}")
            #expect(first.status == .accepted && second.status == .accepted)
            #expect(second.headers[.idempotencyReplayed] == "true")
            #expect(second.headers[.location] == first.headers[.location])
            #expect(try await client.post("/fax/\(id)/resend", headers, json: #"{"to": "5551230109"}"#).status == .unprocessableContent)
            #expect(try await gateway.store.faxes(limit: 9).count == 2)
        }
    }

    @Test func wrongWishes() async throws {
        try await TestGateway.run { gateway, client in
            let id = try await accepted(client)
            _ = try await client.post("/fax/\(id)/cancel")
            let cases: [(String, HTTPResponse.Status)] = [
                ("x", .unprocessableContent), ("[]", .unprocessableContent), (#"{"to": 7}"#, .unprocessableContent),
                (#"{"to": "x"}"#, .badRequest), (#"{"priority": "x"}"#, .unprocessableContent),
                (#"{"resolution": "superfine"}"#, .unprocessableContent), (#"{"force": "yes"}"#, .unprocessableContent),
            ]
            for (json, status) in cases {
                #expect(try await client.post("/fax/\(id)/resend", json: json).status == status, "\(json)")
            }
            #expect(try await gateway.store.faxes(limit: 9).count == 1)
        }
    }

    // MARK: Release and reconcile

    @Test func aHeldFaxIsLetGo() async throws {
        try await TestGateway.run { gateway, client in
            let id = try await accepted(client)
            #expect(try await client.post("/fax/\(id)/release").detail == "The fax is not held: it is accepted.")
            try await gateway.render(id, TestGateway.pages(1))
            #expect(try await gateway.store.hold(id, reason: .operatorHold, by: .system))
            let held = try await client.get("/fax/\(id)").json()
            #expect(held["state"] == "held")
            #expect(held["hold"] == "operator")
            #expect(held["warnings"]?.items.last == "Held by an operator.")
            let wakes = gateway.wakes.count
            let response = try await client.post("/fax/\(id)/release")
            #expect(response.status == .ok)
            #expect(try response.json()["state"] == "queued")
            #expect(gateway.wakes.count == wakes + 1)
            #expect(try await client.post("/fax/\(id)/release").status == .conflict)
            #expect(try await gateway.events("fax.released").count == 1)
        }
    }

    @Test func aFaxThatWaitsIsHeld() async throws {
        try await TestGateway.run { gateway, client in
            let id = try await accepted(client)
            let early = try await client.post("/fax/\(id)/hold")
            #expect(early.status == .conflict && early.detail?.hasPrefix("The fax is accepted") == true)
            let pages = TestGateway.pages(1)
            try await gateway.render(id, pages)
            let response = try await client.post("/fax/\(id)/hold")
            #expect(response.status == .ok)
            #expect(try response.json()["state"] == "held")
            #expect(try response.json()["hold"] == "operator")
            #expect(try await client.post("/fax/\(id)/hold").detail == "The fax is held already.")
            let image = try await gateway.image(pages, .transmitted)
            let intent = FaxStore.Intent(backend: "line", reference: "r", image: image)
            #expect(try await gateway.store.intendAttempt(for: id, intent) == nil)
            let held = try await gateway.events("fax.state_changed").last
            #expect(held?.actor.id == "bootstrap" && held?.details?["to"]?.text == "held" && held?.details?["hold"]?.text == "operator")

            #expect(try await client.post("/fax/\(id)/release").status == .ok)
            let attempt = try await gateway.call(id, pages)
            #expect(try await client.post("/fax/\(id)/hold").detail == "The fax is in a call. Cancelling ends it.")
            _ = try await gateway.store.attemptEnded(id, attempt: attempt, report: .init(.failed(.busy), evidence: "")) {
                RetryDecision(next: .noMore, progress: $0.fax.progress)
            }
            #expect(try await client.post("/fax/\(id)/hold").detail == "It is too late: the fax is failed.")
            let later = try await accepted(
                client, .bootstrap, TestForm(.field("to", "+15551230101"), .field("send_at", "2026-11-23"), .file(TestForm.text)))
            try await gateway.render(later, pages)
            #expect(try await client.post("/fax/\(later)/hold").json()["state"] == "held")
        }
    }

    /// It was counted when it was taken in.
    @Test func theLastFaxOfTheDayCanBeReleased() async throws {
        try await TestGateway.run(["FAXLOCK_DAILY_FAXES_PER_KEY": "1"]) { gateway, client in
            let id = try await gateway.fax(owner: "somebody")
            #expect(try await gateway.store.hold(id, reason: .firstUse, by: .system))
            #expect(try await client.post("/fax/\(id)/release").status == .ok)
            #expect(try await gateway.store.fax(id)?.state == .queued)
        }
    }

    /// What the lists say when it is let go counts, not what they said when it was taken in.
    @Test(arguments: [("do_not_fax", "do_not_fax"), ("denied", "recipient_denied"), ("retired", "number_retired")])
    func aNumberThatWasListedMeanwhileIsNotCalled(status: String, code: String) async throws {
        try await TestGateway.run { gateway, client in
            let id = try await gateway.fax(owner: "somebody")
            #expect(try await gateway.store.hold(id, reason: .firstUse, by: .system))
            let listed = #"{"number": "+15551230100", "status": "\#(status)"}"#
            #expect(try await client.post("/admin/recipients", json: listed).status == .ok)
            let wakes = gateway.wakes.count
            let response = try await client.post("/fax/\(id)/release")
            #expect(response.status == .forbidden)
            #expect(try response.json()["code"]?.text == code)
            #expect(try await gateway.store.fax(id)?.state == .held)
            #expect(gateway.wakes.count == wakes)
            #expect(try await gateway.events("fax.released").isEmpty)
            // The hold's own reason is what a release is about.
            #expect(try await client.post("/admin/recipients/remove", json: #"{"number": "+15551230100"}"#).status == .ok)
            #expect(try await client.post("/fax/\(id)/release").status == .ok)
            #expect(try await gateway.store.fax(id)?.state == .queued)
        }
    }

    private static let findings: [(FaxEvent.Finding, String)] = [
        (.delivered, "delivered"), (.notDelivered, "queued"), (.abandoned, "failed"),
    ]

    @Test(arguments: findings) func anUnknownOutcomeIsReconciled(finding: FaxEvent.Finding, state: String) async throws {
        try await TestGateway.run { gateway, client in
            let id = try await unknown(gateway, client)
            let json = #"{"finding": "\#(finding.rawValue)", "evidence": "the recipient was asked"}"#
            let response = try await client.post("/fax/\(id)/reconcile", json: json)
            #expect(response.status == .ok)
            #expect(try response.json()["state"]?.text == state)
            let again = try await client.post("/fax/\(id)/reconcile", json: json)
            #expect(again.status == .conflict)
            let events = try await gateway.events("fax.reconciled")
            #expect(events.map { $0.details?["evidence"]?.text } == ["the recipient was asked"])
        }
    }

    @Test func wrongFindings() async throws {
        try await TestGateway.run { gateway, client in
            let id = try await unknown(gateway, client)
            let bodies = [
                "{}", "x", #"{"finding": "lost", "evidence": "asked"}"#, #"{"finding": "delivered"}"#,
                #"{"finding": "delivered", "evidence": ""}"#, #"{"finding": "delivered", "evidence": "called +1 (555) 123-0100"}"#,
                #"{"finding": "delivered", "evidence": "a\nb c"}"#,
                #"{"finding": "delivered", "evidence": "\#(String(repeating: "x", count: 201))"}"#,
            ]
            for body in bodies {
                #expect(try await client.post("/fax/\(id)/reconcile", json: body).status == .unprocessableContent, "\(body)")
            }
            let sender = HTTPFields.key(try await gateway.key(.faxSend, .faxRead))
            #expect(try await client.post("/fax/\(id)/reconcile", sender).status == .forbidden)
            #expect(try await gateway.store.fax(id)?.state == .unknown)
        }
    }

    // MARK: Rights

    @Test func anothersFaxDoesNotExist() async throws {
        try await TestGateway.run { gateway, client in
            let foreign = try await accepted(client)
            let key = HTTPFields.key(try await gateway.key(.faxSend, .faxRead))
            for action in ["cancel", "resend", "hold", "release"] {
                #expect(try await client.post("/fax/\(foreign)/\(action)", key).status == .notFound, "\(action)")
            }
            for action in ["attempts", "events"] {
                #expect(try await client.get("/fax/\(foreign)/\(action)", key).status == .notFound, "\(action)")
            }
            #expect(try await gateway.store.fax(foreign)?.state == .accepted)
        }
    }

    /// A role in the mailbox decides for faxes that others sent.
    @Test func theOperatorOfAMailboxOperates() async throws {
        try await TestGateway.run { gateway, client in
            try await gateway.mailbox("ward")
            let operators = HTTPFields.key(try await gateway.key([.faxSend, .faxRead], grants: ["ward:operator"]).token)
            let readers = HTTPFields.key(try await gateway.key([.faxSend, .faxRead], grants: ["ward:reader"]).token)
            let id = try await gateway.fax(owner: "somebody", in: "ward")
            for action in ["hold", "release", "cancel"] {
                #expect(try await client.post("/fax/\(id)/\(action)", readers).status == .forbidden, "\(action)")
            }
            #expect(try await client.post("/fax/\(id)/hold", operators).status == .ok)
            #expect(try await client.post("/fax/\(id)/cancel", operators).status == .ok)
            // To send is another right.
            #expect(try await client.post("/fax/\(id)/resend", readers).status == .forbidden)
        }
    }
}
