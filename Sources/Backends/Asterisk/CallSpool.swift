import FaxModel
import Imaging
import Workers

/// What a call leaves in the folders shared with Asterisk: the pages to send, for as long as the call lasts, and the dialplan's record of
/// how it ended. Names are the call's reference, by which nobody knows a number. Its functions block.
package struct CallSpool: Sendable {
    /// What the server writes and Asterisk reads.
    private let out: SpoolFolder
    /// What Asterisk writes and the server reads.
    private let incoming: SpoolFolder
    /// `out` as Asterisk sees it.
    private let path: String

    private static let copied = 1 << 18
    private static let maximumRecord = 4096
    /// Seconds: longer than any call.
    private static let recordAge = 86_400

    /// - Parameter path: the folder of `out` as Asterisk sees it.
    package init(out: SpoolFolder, incoming: SpoolFolder, path: String) {
        self.out = out
        self.incoming = incoming
        self.path = path
    }

    /// Writes the pages of a call.
    /// - Returns: the file's path as Asterisk sees it.
    func put(_ call: OutboundCall) throws -> String {
        let name = Self.image(call.reference)
        let file = try out.create(name)
        do {
            if call.firstPage == 0 {
                try Self.copy(call.image, to: file)
            } else {
                try Self.copy(pagesFrom: call.firstPage, of: call.image, to: file)
            }
        } catch {
            try? out.remove(name)
            throw error
        }
        return path + "/" + name
    }

    private static func copy(_ image: MemoryFile, to file: SpoolFile) throws {
        var offset = 0
        while true {
            let piece = try image.read(at: offset, count: copied)
            if piece.isEmpty { return }
            try file.append(piece)
            offset += piece.count
        }
    }

    /// SendFAX always begins with the first page, so what the far end has already is left out of the file.
    private static func copy(pagesFrom first: Int, of image: MemoryFile, to file: SpoolFile) throws {
        let reader = try TIFFReader(ClosureRandomAccess { try image.read(at: $0, count: $1) })
        var writer = TIFFWriter(pages: max(0, reader.count - first))
        for index in first..<max(first, reader.count) { try file.append(writer.append(reader.page(at: index))) }
        try file.append(writer.finish())
    }

    /// The record that the dialplan left of a call, in lines `Name: value`; nil if there is none.
    func result(of reference: String) throws -> DialledCall.FaxResult? {
        guard let file = try incoming.openFile(Self.record(reference), limit: Self.maximumRecord) else { return nil }
        var parser = ManagerParser()
        _ = parser.append(Array("record\n".utf8))
        let messages = parser.append(try file.read(at: 0, count: file.size) + Array("\n\n".utf8))
        guard let fields = messages.first, fields["Call"] == reference else { return nil }
        return DialledCall.FaxResult(fields)
    }

    /// Removes what a call left.
    func remove(_ reference: String) throws {
        try out.remove(Self.image(reference))
        try incoming.remove(Self.record(reference))
    }

    /// Removes what calls of an earlier start left.
    package func sweep() throws {
        for name in try out.names() where name.hasSuffix(".tif") { try out.remove(name) }
        for name in try incoming.names() where name.hasSuffix(".result") { try incoming.remove(name) }
    }

    /// Removes records that no call of this start will ask for: those of calls that were given up before Asterisk ended them.
    package func removeOldRecords() throws {
        for name in try incoming.names() where name.hasSuffix(".result") {
            guard let age = try? incoming.openFile(name, limit: .max)?.age, age >= Self.recordAge else { continue }
            try incoming.remove(name)
        }
    }

    private static func image(_ reference: String) -> String { "\(reference).tif" }
    private static func record(_ reference: String) -> String { "\(reference).result" }
}
