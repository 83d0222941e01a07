import FaxDispatch
import FaxModel
import HTTPTypes
import Hummingbird
import NIOCore
import ServerSettings
import Store
import WorkerProtocol

/// Reads the form of `POST /fax` as it streams in: the document is sealed while it arrives and is never whole in memory.
struct Submission {
    /// What a field other than `file` may hold.
    private static let maximumFieldBytes = 1024

    let intake: Intake
    let settings: Settings
    let store: FaxStore
    let authorisation: Authorisation
    /// Who sends it: as it was when the body began, and from the body's end on as it is then.
    private var principal: Principal

    private var fields: [String: [UInt8]] = [:]
    private var part: MultipartPart?
    private var document: DocumentWriter?
    /// The document's first bytes, until they are enough to say what it is.
    private var sample: [UInt8] = []
    private var format: PageJob.Format?

    init(intake: Intake, settings: Settings, store: FaxStore, authorisation: Authorisation, principal: Principal) {
        self.intake = intake
        self.settings = settings
        self.store = store
        self.authorisation = authorisation
        self.principal = principal
    }

    /// Reads, seals and accepts one fax. On any error nothing is left of it.
    mutating func accept(_ request: Request, _ context: GatewayContext) async throws -> FaxRecord {
        do {
            try await read(request, context)
            principal = try await authorisation.confirm(.faxSend, request, context)
            let fax = try wanted()
            let mailbox = try await mailbox(request, context)
            guard let document, let format else { throw Self.missing("file") }
            self.document = nil
            return try await intake.submit(
                Intake.Request(
                    number: fax.number, mailbox: mailbox, owner: principal.id, format: format, resolution: fax.resolution, paper: fax.paper),
                document: document, by: principal.initiator(request, context))
        } catch {
            await document?.abort()
            throw error
        }
    }

    private mutating func read(_ request: Request, _ context: GatewayContext) async throws {
        let contentType = request.headers[.contentType] ?? ""
        let boundary: MultipartBoundary
        do {
            boundary = try MultipartBoundary.parse(contentType: contentType)
        } catch {
            throw Problem(error == .notMultipart ? .unsupportedMediaType : .badRequest, error.message, closesConnection: true)
        }
        // Room for the other parts of the form beside the largest document.
        let limit = settings.maximumFileBytes + 65_536
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
                guard fields[part.name] == nil else {
                    throw Problem(.badRequest, "A field of the form was sent twice.", closesConnection: true)
                }
                fields[part.name] = []
            }
        case .partBytes(let bytes):
            guard let part else { return }
            if part.name == "file" {
                try await append(bytes)
            } else {
                guard fields[part.name, default: []].count + bytes.count <= Self.maximumFieldBytes else {
                    throw Problem(.badRequest, "A field of the form is too long.", closesConnection: true)
                }
                fields[part.name, default: []].append(contentsOf: bytes)
            }
        case .partEnded:
            if part?.name == "file", format == nil { try sniff() }
            // A wrong number is said before a long document is read.
            if part?.name == "to" { _ = try number() }
            if part?.name == "mailbox" { _ = try await mailbox(request, context) }
            part = nil
        case .finished:
            break
        }
    }

    private mutating func append(_ bytes: ArraySlice<UInt8>) async throws {
        guard let document else { return }
        guard document.count + bytes.count <= settings.maximumFileBytes else { throw tooLarge }
        try await document.append(bytes)
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

    private func wanted() throws(Problem) -> (number: PhoneNumber, resolution: Resolution, paper: PageJob.Paper) {
        let number = try number()
        var resolution = settings.resolution
        if let word = text("resolution") {
            guard let given = Resolution(rawValue: word), given != .superfine else {
                throw Problem(.badRequest, "The resolution is standard or fine.")
            }
            resolution = given
        }
        guard let paper = PageJob.Paper(rawValue: text("paper") ?? settings.paper.rawValue) else {
            throw Problem(.badRequest, "The paper is letter or a4.")
        }
        return (number, resolution, paper)
    }

    private func number() throws(Problem) -> PhoneNumber {
        guard let to = text("to") else { throw Self.missing("to") }
        guard let number = PhoneNumber(to) else {
            throw Problem(.badRequest, "The number must be 6 to 20 digits, with + in front of a country code.")
        }
        return number
    }

    /// From where it is sent: what the form says, or the only mailbox of the key, or the one that all have.
    private func mailbox(_ request: Request, _ context: GatewayContext) async throws -> String {
        let mailbox = text("mailbox") ?? principal.defaultMailbox
        guard principal.sends(from: mailbox) else {
            throw await authorisation.denied(
                principal, "Your role in this mailbox does not send faxes", needing: "sender", request, context)
        }
        guard try await store.mailbox(mailbox) != nil else {
            throw Problem(.badRequest, "There is no mailbox of this name.", closesConnection: true)
        }
        return mailbox
    }

    private func text(_ field: String) -> String? {
        fields[field].map { String(decoding: $0, as: UTF8.self) }
    }

    private var tooLarge: Problem {
        Problem(
            .contentTooLarge, "The file is larger than \(settings.maximumFileBytes >> 20) MB (MAX_FILE_SIZE_MB).",
            closesConnection: true)
    }

    private static func missing(_ field: String) -> Problem {
        Problem(.unprocessableContent, "The form has no field \"\(field)\".")
    }
}
