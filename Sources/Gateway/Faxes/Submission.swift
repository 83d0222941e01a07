import Crypto
import FaxDispatch
import FaxModel
import HTTPTypes
import Hummingbird
import NIOCore
import ServerSettings
import Store
import Webhooks
import WorkerProtocol

/// Reads the form of `POST /fax` as it streams in: the document is sealed while it arrives and is never whole in memory.
struct Submission {
    /// What came of a form.
    struct Acceptance {
        /// In the order of the recipients.
        var faxes: [FaxRecord]
        /// Where there are several.
        var batch: FaxID?
        /// Whether an earlier request with the same key made them.
        var isReplayed = false
    }

    /// Bytes of all copies that a batch makes of its document.
    private static let maximumBatchBytes = 2 << 30

    let intake: Intake
    let settings: Settings
    let store: FaxStore
    let authorisation: Authorisation
    let recipients: RecipientRules?
    let clock: @Sendable () -> Timestamp
    /// By which the client may repeat the request.
    let key: IdempotencyKey?
    /// Who sends it: as it was when the body began, and from the body's end on as it is then.
    private var principal: Principal

    private var fields = FaxFields()
    private var part: MultipartPart?
    /// Recipients that were looked at while the form came in.
    private var checkedNumbers = 0
    private var document: DocumentWriter?
    /// The document's first bytes, until they are enough to say what it is.
    private var sample: [UInt8] = []
    private var format: PageJob.Format?
    /// Of the document, where the request has a key.
    private var digest = SHA256()

    init(
        intake: Intake, settings: Settings, store: FaxStore, authorisation: Authorisation, recipients: RecipientRules?,
        clock: @escaping @Sendable () -> Timestamp, key: IdempotencyKey?, principal: Principal
    ) {
        self.intake = intake
        self.settings = settings
        self.store = store
        self.authorisation = authorisation
        self.recipients = recipients
        self.clock = clock
        self.key = key
        self.principal = principal
    }

    /// Reads, seals and accepts the faxes of a form. On any error nothing is left of it.
    mutating func accept(_ request: Request, _ context: GatewayContext) async throws -> Acceptance {
        do {
            try await read(request, context)
            principal = try await authorisation.confirm(.faxSend, request, context)
            // Before the values are looked at: what was right the first time is answered in the same way.
            let mark = try await mark()
            if let mark, let former = try await former(mark) {
                await document?.abort()
                return former
            }
            let mailbox = try await mailbox(request, context)
            let requests = try await wanted(from: mailbox)
            guard let document else { throw FaxFields.missing("file") }
            guard document.count <= Self.maximumBatchBytes / requests.count else {
                throw Problem(.contentTooLarge, "The document is too large for so many recipients. Send it to fewer at once.")
            }
            self.document = nil
            let faxes = try await intake.submit(
                requests, document: try await intake.seal(document), mark: mark, by: principal.initiator(request, context))
            return Acceptance(faxes: faxes, batch: faxes.first?.batch)
        } catch is FaxStore.KeyInUse {
            throw IdempotencyGate.underWay
        } catch {
            await document?.abort()
            throw error
        }
    }

    // MARK: Reading

    private mutating func read(_ request: Request, _ context: GatewayContext) async throws {
        let contentType = request.headers[.contentType] ?? ""
        let boundary: MultipartBoundary
        do {
            boundary = try MultipartBoundary.parse(contentType: contentType)
        } catch {
            throw Problem(error == .notMultipart ? .unsupportedMediaType : .badRequest, error.message, closesConnection: true)
        }
        // Room for the other parts of the form beside the largest document.
        let limit = settings.maximumFileBytes + 131_072
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit { throw tooLarge }
        try await context.inviteBody(of: request)
        var parser = MultipartParser(boundary: boundary)
        var count = 0
        do {
            for try await buffer in request.body {
                // Bytes after the closing boundary are ignored, but not for ever.
                count += buffer.readableBytes
                guard count <= limit else { throw tooLarge }
                parser.append(buffer.readableBytesView)
                while let event = try parser.next() { try await handle(event, request, context) }
            }
            parser.finish()
            while let event = try parser.next() { try await handle(event, request, context) }
        } catch let error as MultipartError {
            throw Problem(.badRequest, error.message, closesConnection: true)
        }
    }

    private mutating func handle(_ event: MultipartParser.Event, _ request: Request, _ context: GatewayContext) async throws {
        switch event {
        case .partBegan(let part):
            self.part = part
            if part.name == "file" {
                guard document == nil else { throw Problem(.badRequest, "Send one file a fax.", closesConnection: true) }
                document = try await intake.beginDocument()
            } else {
                try fields.begin(part.name)
            }
        case .partBytes(let bytes):
            guard let part else { return }
            if part.name == "file" {
                try await append(bytes)
            } else {
                try fields.append(bytes, to: part.name)
            }
        case .partEnded:
            if part?.name == "file", format == nil { try sniff() }
            // What is wrong is said before a long document is read, but not to a client that may be repeating what was right.
            if key == nil {
                if part?.name == "to" { try await checkNumbers() }
                if part?.name == "mailbox" { _ = try await mailbox(request, context) }
            }
            part = nil
        case .finished:
            break
        }
    }

    private mutating func append(_ bytes: ArraySlice<UInt8>) async throws {
        guard let document else { return }
        guard document.count + bytes.count <= settings.maximumFileBytes else { throw tooLarge }
        try await document.append(bytes)
        if key != nil { digest.update(data: bytes) }
        guard format == nil else { return }
        sample.append(contentsOf: bytes.prefix(DocumentFormat.sampleSize - sample.count))
        if sample.count >= DocumentFormat.sampleSize { try sniff() }
    }

    private mutating func sniff() throws(Problem) {
        guard !sample.isEmpty else { throw Problem(.badRequest, "The file is empty.") }
        guard let found = DocumentFormat.sniff(sample) else {
            throw Problem(
                .unsupportedMediaType, "The file is none of PDF, TIFF, PNG, JPEG or UTF-8 text.", closesConnection: true)
        }
        format = found
    }

    // MARK: Repeated requests

    private func mark() async throws -> IdempotencyMark? {
        guard let key else { return nil }
        var all = SHA256()
        fields.update(&all)
        all.update(data: Array(digest.finalize()))
        return try store.idempotencyMark(key: key.text, owner: principal.id, digest: all.finalize())
    }

    /// What an earlier request with the same key made.
    /// - Throws: 422 where that was another one.
    private func former(_ mark: IdempotencyMark) async throws -> Acceptance? {
        switch try await store.finding(for: mark) {
        case .new: return nil
        case .other: throw IdempotencyGate.reused
        case .repeated(_, let batch?): return Acceptance(faxes: try await store.faxes(ofBatch: batch), batch: batch, isReplayed: true)
        case .repeated(let ids, nil):
            var faxes: [FaxRecord] = []
            for id in ids { if let fax = try await store.fax(id) { faxes.append(fax) } }
            return Acceptance(faxes: faxes, isReplayed: true)
        }
    }

    // MARK: What the fields say

    private func wanted(from mailbox: String) async throws -> [Intake.Request] {
        let written = try fields.recipients
        let isConfirmed = try fields.isConfirmed
        let terms = try fields.terms(now: clock())
        if let address = terms.callbackURL {
            do throws(WebhookURLError) {
                _ = try settings.webhookAddressRules.url(address)
            } catch {
                throw Problem(.badRequest, "The callback_url \(error)")
            }
        }
        let resolution = try fields.resolution(or: settings.resolution)
        let paper = try fields.paper(or: settings.paper.rawValue)
        var requests: [Intake.Request] = []
        for (index, text) in written.enumerated() {
            let place = written.count == 1 ? "" : "Recipient \(index + 1) of \(written.count): "
            let recipient = try await Recipient.check(
                text, rules: recipients, owner: principal.id, mailbox: mailbox, isConfirmed: isConfirmed, ahead: index, place: place)
            guard !requests.contains(where: { $0.number.digits == recipient.number.digits }) else {
                throw Problem(.badRequest, "\(place)The number stands there twice.")
            }
            var terms = terms
            terms.expectedStation = terms.expectedStation ?? recipient.expectedStation
            terms.numberWarnings = recipient.warnings
            // A wrong number is said before a missing file.
            guard let format else { continue }
            requests.append(
                Intake.Request(
                    number: recipient.number, mailbox: mailbox, owner: principal.id, format: format, resolution: resolution, paper: paper,
                    terms: terms, hold: recipient.hold))
        }
        guard !requests.isEmpty else { throw FaxFields.missing("file") }
        return requests
    }

    /// Those of the part that has just ended, as far as it can be said before the rest of the form is here.
    private mutating func checkNumbers() async throws {
        let written = try fields.recipients
        let mailbox = fields.text("mailbox") ?? principal.defaultMailbox
        for (index, text) in written.enumerated().dropFirst(checkedNumbers) {
            _ = try await Recipient.check(
                text, rules: recipients, owner: principal.id, mailbox: mailbox, isConfirmed: true, ahead: index,
                place: written.count == 1 ? "" : "Recipient \(index + 1) of \(written.count): ")
        }
        checkedNumbers = written.count
    }

    /// From where it is sent: what the form says, or the only mailbox of the key, or the one that all have.
    private func mailbox(_ request: Request, _ context: GatewayContext) async throws -> String {
        let mailbox = fields.text("mailbox") ?? principal.defaultMailbox
        guard principal.sends(from: mailbox) else {
            throw await authorisation.denied(
                principal, "Your role in this mailbox does not send faxes", needing: "sender", request, context)
        }
        guard try await store.mailbox(mailbox) != nil else {
            throw Problem(.badRequest, "There is no mailbox of this name.", closesConnection: true)
        }
        return mailbox
    }

    private var tooLarge: Problem {
        Problem(
            .contentTooLarge, "The file is larger than \(settings.maximumFileBytes >> 20) MB (MAX_FILE_SIZE_MB).",
            closesConnection: true)
    }
}
