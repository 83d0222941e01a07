import FaxModel
import WorkerProtocol
import Workers

/// Brings the pages of a file that Asterisk received into the inbox.
actor ReceivedFile {
    private let notice: InboundSpool.Notice
    private let inbox: any Inbox
    private let reader: @Sendable (MemoryFile, @escaping @Sendable (FaxPage) async throws -> Void) async throws -> Void
    /// A page that is stored when it is known whether another one follows.
    private var waiting: FaxPage?
    private var pages = 0

    init(
        notice: InboundSpool.Notice, inbox: any Inbox,
        reader: @escaping @Sendable (MemoryFile, @escaping @Sendable (FaxPage) async throws -> Void) async throws -> Void
    ) {
        self.notice = notice
        self.inbox = inbox
        self.reader = reader
    }

    /// - Parameter canBeCut: whether it is known that the reader ends too early, and what it reads is to be taken.
    /// - Returns: whether it did.
    /// - Throws: what keeps the fax from being stored; nothing of it is in the inbox then, and the file has it all.
    func store(_ image: MemoryFile, _ call: InboundCall, canBeCut: Bool) async throws -> Bool {
        let reception = try await inbox.begin(call)
        let station = String(notice.station.filter { $0.isASCII && ($0.isNumber || $0 == "+" || $0 == " ") }.prefix(20))
        // Asterisk's bit rate and error correction are not in the contract: 0, which no modem has, is for all that is not known.
        await reception.identified(Negotiation(remoteIdentifier: station, bitRate: 0, errorCorrection: false))
        do {
            var isCut = false
            do {
                try await reader(image) { [self] page in try await take(page, reception) }
            } catch let cut as TIFFPageReader.Cut {
                guard canBeCut, !Task.isCancelled else { throw cut }
                isCut = true
            }
            // As many pages as T.30 confirmed can be read: it is the whole fax.
            let isWhole = !isCut && notice.faxstatus == "SUCCESS" && pages + 1 == notice.faxpages
            if let page = waiting { try await append(page, reception, isLast: isWhole) }
            guard isWhole else {
                try await reception.breakOff()
                return isCut
            }
            try await reception.finish(
                CallEnd(
                    code: 0, meaning: "SUCCESS", pages: pages, remoteIdentifier: station, bitRate: 0, errorCorrection: false))
            return false
        } catch {
            await reception.abandon()
            throw error
        }
    }

    private func take(_ page: FaxPage, _ reception: any Reception) async throws {
        let previous = waiting
        waiting = page
        if let previous { try await append(previous, reception, isLast: false) }
    }

    private func append(_ page: FaxPage, _ reception: any Reception, isLast: Bool) async throws {
        try await reception.append(
            page, PageReport(page: pages, bitRate: 0, errorCorrection: false, badRows: 0, retries: 0, isLast: isLast))
        pages += 1
    }
}
