package import FaxModel
import FoundationEssentials
package import Logging
import NIOPosix
import WorkerProtocol
package import Workers

/// Takes in the faxes that Asterisk received: files in a folder that both share, told of by a notice (`POST /_internal/asterisk/inbound`), or
/// found with the notice that the dialplan left beside them.
package actor InboundSpool {
    /// A received fax that is in the database already.
    package struct Known: Sendable, Equatable {
        package let id: FaxID
        package let pages: Int

        package init(id: FaxID, pages: Int) {
            self.id = id
            self.pages = pages
        }
    }

    /// What became of a notice. The file is gone in both cases, or put aside where it has fewer pages than Asterisk confirmed.
    package enum Taken: Sendable, Equatable {
        /// It is in the inbox, durable.
        case received(FaxID)
        /// Its number leads to no mailbox; what came was destroyed, and the refusal is on the record.
        case refused
    }

    /// Why a notice was not taken. No number and no path is in the texts.
    package enum Failure: Error, Equatable, CustomStringConvertible {
        /// The notice is malformed or names a file that is not in the spool.
        case invalid(String)
        /// There is no such file, and no fax of this call.
        case missing
        /// No page of the file can be read; it was put aside.
        case unreadable
        /// Receiving is off.
        case notReceiving

        package var description: String {
            switch self {
            case .invalid(let reason): reason
            case .missing: "There is no such file in the inbound spool, and no fax of this uniqueid."
            case .unreadable: "No page of the file can be read. It was put aside in the spool as *.unreadable."
            case .notReceiving: "Receiving is off (INBOUND_ENABLED)."
            }
        }
    }

    /// Bytes of a received file: 2,000 heavy pages.
    private static let maximumFile = 256 << 20
    private static let maximumNotice = 4096
    private static let copied = 1 << 18
    /// Seconds after which a notice that still lies there was not delivered.
    private static let noticeAge = 30
    /// Seconds after which a file that still has no notice will have none.
    private static let orphanAge = 3600
    /// Readings of a file that end too early, until it is taken as far as it can be read.
    private static let readings = 3

    private let folder: SpoolFolder
    private let path: String
    private let inbox: any Inbox
    private let reader: @Sendable (MemoryFile, @escaping @Sendable (FaxPage) async throws -> Void) async throws -> Void
    private let find: @Sendable (String) async throws -> Known?
    private let logger: Logger
    /// Calls of which a notice is being worked on, and who waits for that.
    private var underWay: [String: [CheckedContinuation<Void, Never>]] = [:]
    /// Readings that ended too early, by call.
    private var cuts: [String: Int] = [:]

    /// - Parameters:
    ///   - folder: where Asterisk puts what it received.
    ///   - path: the same folder as Asterisk sees it.
    ///   - reader: hands over the pages of a TIFF that cannot be trusted, in order, as far as they can be read, and throws
    ///     ``TIFFPageReader/Cut`` when there may be more.
    ///   - find: the received fax of a call's `uniqueid`.
    package init(
        folder: SpoolFolder, path: String, inbox: any Inbox,
        reader: @escaping @Sendable (MemoryFile, @escaping @Sendable (FaxPage) async throws -> Void) async throws -> Void,
        find: @escaping @Sendable (String) async throws -> Known?, logger: Logger
    ) {
        self.folder = folder
        self.path = path
        self.inbox = inbox
        self.reader = reader
        self.find = find
        self.logger = logger
    }

    /// Takes in the fax of a notice. Told twice, also at the same time, it takes it in once.
    /// - Throws: ``Failure``, or what keeps the fax from being stored: the file stays then, for the next notice or ``sweep()``.
    package func take(_ notice: Notice) async throws -> Taken {
        let name = try fileName(of: notice)
        let key = notice.uniqueid
        while underWay[key] != nil { await withCheckedContinuation { underWay[key]?.append($0) } }
        underWay[key] = []
        defer { for waiter in underWay.removeValue(forKey: key) ?? [] { waiter.resume() } }

        let known = try await find(key)
        guard let image = try await image(name) else {
            guard let known else { throw Failure.missing }
            try await remove(name)
            return .received(known.id)
        }
        guard let known else { return try await receive(image, nil, name, notice) }
        guard known.pages < notice.faxpages else {
            try await remove(name)
            return .received(known.id)
        }
        // The last stop may have cut its reception: then the file has more than the inbox.
        let content = try await content(image, key)
        if content.pages > known.pages { return try await receive(image, content, name, notice) }
        try await setAside(name, key)
        return .received(known.id)
    }

    private func receive(_ image: MemoryFile, _ known: Content?, _ name: String, _ notice: Notice) async throws -> Taken {
        let call = InboundCall(reference: notice.uniqueid, to: notice.to_number, from: notice.from_number, trunk: "asterisk")
        switch try await inbox.admit(call) {
        case .accepted: break
        case .unknownNumber, .retiredNumber:
            try await remove(name)
            return .refused
        case .notReceiving: throw Failure.notReceiving
        }
        var content = known
        if content == nil { content = try await self.content(image, notice.uniqueid) }
        guard let content, content.pages > 0 else {
            try await setAside(name, notice.uniqueid)
            throw Failure.unreadable
        }
        let isCut = try await ReceivedFile(notice: notice, inbox: inbox, reader: reader).store(image, call, canBeCut: content.isCut)
        // Fewer than a moment ago, namely none.
        guard let stored = try await find(notice.uniqueid) else { throw TIFFPageReader.Cut(pages: 0) }
        if isCut || stored.pages < notice.faxpages {
            try await setAside(name, notice.uniqueid)
        } else {
            try await remove(name)
        }
        return .received(stored.id)
    }

    /// Takes in what notices were left of: at a start, and now and then, for those that could not be told.
    package func sweep() async {
        do {
            let names = try await perform { [folder] in try folder.names() }
            await setOrphansAside(names)
            for name in names where name.hasSuffix(".json") {
                if Task.isCancelled { return }
                do {
                    guard let notice = try await perform({ [folder] in try Self.read(name, in: folder) }) else { continue }
                    _ = try await take(notice)
                } catch Failure.notReceiving {
                    return
                } catch Failure.missing {
                    try await perform { [folder] in try folder.remove(name) }
                } catch let failure as Failure {
                    // The same would be found each minute.
                    logger.error("a notice in the inbound spool is not one; it was put aside", metadata: ["error": "\(failure)"])
                    try await perform { [folder] in try folder.setAside(name) }
                } catch {
                    logger.error("a fax in the inbound spool cannot be stored yet", metadata: ["error": "\(error)"])
                }
            }
        } catch {
            logger.error("the inbound spool cannot be read", metadata: ["error": "\(error)"])
        }
    }

    /// Puts aside what no notice tells of: Asterisk ended in mid-call, or the notice was none. Whom it is for is not known, so it comes into
    /// nobody's mailbox.
    private func setOrphansAside(_ names: [String]) async {
        let all = Set(names)
        for name in names where Self.isImage(name) && !all.contains(Self.notice(name)) {
            do {
                let isOrphan = try await perform { [folder] in
                    do {
                        guard let age = try folder.openFile(name, limit: .max)?.age, age >= Self.orphanAge else { return false }
                    } catch let failure as SpoolFolder.Failure where failure.isForeign {
                        // It can never be taken.
                    }
                    try folder.setAside(name)
                    return true
                }
                if isOrphan {
                    logger.error(
                        "a file in the inbound spool has no notice, so nobody knows whom it is for; it was put aside",
                        metadata: ["file": "\(name).unreadable"])
                }
            } catch {
                logger.error("a file in the inbound spool cannot be looked at yet", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Nil for one that is still being told.
    private static func read(_ name: String, in folder: SpoolFolder) throws -> Notice? {
        let bytes: [UInt8]
        do {
            guard let file = try folder.openFile(name, limit: maximumNotice), file.age >= noticeAge else { return nil }
            bytes = try file.read(at: 0, count: file.size)
        } catch let failure as SpoolFolder.Failure where failure.isForeign {
            throw Failure.invalid("\(failure)")
        }
        do {
            return try JSONDecoder().decode(Notice.self, from: Data(bytes))
        } catch {
            throw Failure.invalid("it is not JSON of this form")
        }
    }

    /// The name in the spool of a notice's file.
    private func fileName(of notice: Notice) throws(Failure) -> String {
        guard SpoolFolder.isName(notice.uniqueid), notice.uniqueid.utf8.count <= 100 else {
            throw .invalid("uniqueid must be 1 to 100 letters, digits, dots, hyphens and underscores.")
        }
        for number in [notice.to_number, notice.from_number] where number.utf8.count > 40 {
            throw .invalid("to_number and from_number have at most 40 characters.")
        }
        guard notice.tiff_path.hasPrefix(path + "/") else {
            throw .invalid("tiff_path must be a file in the inbound spool (ASTERISK_SPOOL_PATH/in).")
        }
        let name = notice.tiff_path.dropFirst(path.count + 1)
        guard SpoolFolder.isName(name), Self.isImage(name) else {
            throw .invalid("tiff_path must be a .tif file in the inbound spool itself (ASTERISK_SPOOL_PATH/in).")
        }
        return String(name)
    }

    /// A copy of the file in memory, which nobody changes any more; nil if there is none.
    private func image(_ name: String) async throws -> MemoryFile? {
        do {
            return try await perform { [folder] in
                guard let file = try folder.openFile(name, limit: Self.maximumFile) else { return nil }
                let image = try MemoryFile()
                var offset = 0
                while offset < Self.maximumFile {
                    let piece = try file.read(at: offset, count: Self.copied)
                    if piece.isEmpty { break }
                    try image.append(piece)
                    offset += piece.count
                }
                return image
            }
        } catch let failure as SpoolFolder.Failure where failure.isForeign {
            throw Failure.invalid("The file cannot be taken: \(failure).")
        }
    }

    /// What of a file can be read.
    private struct Content {
        let pages: Int
        /// Whether there may be more, at which the reader ends each time.
        let isCut: Bool
    }

    /// - Throws: also ``TIFFPageReader/Cut``: memory may have been short, and the next time all of it can be read. A file that ends the
    ///   reader each time is not tried for ever.
    private func content(_ image: MemoryFile, _ key: String) async throws -> Content {
        let counter = PageCounter()
        do {
            try await reader(image) { _ in await counter.add() }
            cuts[key] = nil
            return Content(pages: await counter.count, isCut: false)
        } catch let cut as TIFFPageReader.Cut {
            let tried = cuts[key, default: 0] + 1
            cuts[key] = tried
            guard tried >= Self.readings, !Task.isCancelled else { throw cut }
            return Content(pages: await counter.count, isCut: true)
        }
    }

    /// Puts a file aside whose pages are not all in the inbox, although Asterisk confirmed them to the sender, and removes its notice.
    private func setAside(_ name: String, _ key: String) async throws {
        try await perform { [folder] in
            try folder.setAside(name)
            try folder.remove(Self.notice(name))
        }
        cuts[key] = nil
        logger.error(
            "a received fax cannot be read, or not all of its pages; its file was put aside in the spool", metadata: ["call": "\(key)"])
    }

    /// Removes a file and the notice beside it.
    private func remove(_ name: String) async throws {
        try await perform { [folder] in
            try folder.remove(name)
            try folder.remove(Self.notice(name))
        }
    }

    private static func isImage(_ name: some StringProtocol) -> Bool { name.hasSuffix(".tif") || name.hasSuffix(".tiff") }

    /// The notice that the dialplan leaves beside a file.
    private static func notice(_ name: String) -> String {
        let base = name.hasSuffix(".tiff") ? name.dropLast(5) : name.dropLast(4)
        return base + ".json"
    }

    private func perform<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await NIOThreadPool.singleton.runIfActive(body)
    }
}

private actor PageCounter {
    private(set) var count = 0
    func add() { count += 1 }
}
