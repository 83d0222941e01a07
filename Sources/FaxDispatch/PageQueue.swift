import FaxModel
import Imaging
import Workers

/// Pages that wait for others to go before them, in a memory file: no plaintext touches a disk.
actor PageQueue {
    private let file: MemoryFile
    private var writer = TIFFWriter()

    init() throws {
        file = try MemoryFile()
    }

    func append(_ page: FaxPage) throws {
        try file.append(try writer.append(page))
    }

    /// All pages in their order; none can be appended after it.
    func forEach(_ body: @Sendable (FaxPage) async throws -> Void) async throws {
        try file.append(writer.finish())
        let reader = try TIFFReader(ClosureRandomAccess { [file] in try file.read(at: $0, count: $1) })
        for index in 0..<reader.count { try await body(try reader.page(at: index)) }
    }
}
