import Glibc
import Testing
import Vault

/// Looks through this process's memory for what reading a key file leaves behind.
@Suite struct KeyMemoryTests {
    /// A pattern, kept with all its bits inverted so that the search does not find itself.
    private struct Pattern {
        private static let piece = 1 << 20
        private let inverted: [UInt8]

        init(inverted: [UInt8]) {
            self.inverted = inverted
        }

        /// How often it stands in the writable memory of this process.
        func count() throws -> Int {
            let memory = open("/proc/self/mem", O_RDONLY)
            try #require(memory >= 0)
            defer { close(memory) }
            let buffer = UnsafeMutableRawPointer.allocate(byteCount: Self.piece, alignment: 16)
            defer {
                // What was copied here must not be found by the next search.
                explicit_bzero(buffer, Self.piece)
                buffer.deallocate()
            }
            let own = UInt(bitPattern: buffer)..<UInt(bitPattern: buffer) + UInt(Self.piece)
            var found = 0
            for range in try Self.writableRanges() {
                var at = range.lowerBound
                while at < range.upperBound {
                    let count = pread(memory, buffer, min(Self.piece, Int(range.upperBound - at)), off_t(at))
                    guard count > 0 else { break }
                    found += offsets(in: UnsafeRawBufferPointer(start: buffer, count: count)).count { !own.contains(at + $0) }
                    at += UInt(count)
                }
            }
            return found
        }

        private static func writableRanges() throws -> [Range<UInt>] {
            let maps = try #require(fopen("/proc/self/maps", "r"))
            defer { fclose(maps) }
            var ranges: [Range<UInt>] = []
            var line = [CChar](repeating: 0, count: 4096)
            while fgets(&line, Int32(line.count), maps) != nil {
                let fields = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(separator: " ")
                guard fields.count > 1, fields[1].hasPrefix("rw") else { continue }
                let ends = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
                if ends.count == 2 { ranges.append(ends[0]..<ends[1]) }
            }
            return ranges
        }

        private func offsets(in bytes: UnsafeRawBufferPointer) -> [UInt] {
            guard let start = bytes.baseAddress, bytes.count >= inverted.count else { return [] }
            var found: [UInt] = []
            var at = start
            let end = start + bytes.count - inverted.count
            while at <= end, let hit = memchr(at, Int32(~inverted[0]), end - at + 1) {
                let hit = UnsafeRawPointer(hit)
                if inverted.indices.allSatisfy({ hit.load(fromByteOffset: $0, as: UInt8.self) == ~inverted[$0] }) {
                    found.append(UInt(hit - start))
                }
                at = hit + 1
            }
            return found
        }
    }

    /// The digits of bytes, all inverted.
    private static func hex(inverted bytes: [UInt8]) -> [UInt8] {
        func digit(_ value: UInt8) -> UInt8 { ~(value < 10 ? 48 + value : 87 + value) }
        return bytes.flatMap { byte in [digit(~byte >> 4), digit(~byte & 15)] }
    }

    /// AES's key schedule, which swift-crypto makes for each use of the key and does not zero, is not looked at here.
    @Test func nothingOfTheKeyFileStays() async throws {
        try await TemporaryFolder.with { folder in
            let path = "\(folder.path)/kek"
            let inverted = (0..<32).map { _ in UInt8.random(in: .min ... .max) }
            let digits = Self.hex(inverted: inverted)
            do {
                var text = SecretBytes(capacity: 200)
                text.append(contentsOf: "faxlock key-encryption key 1\n".utf8)
                for byte in digits { text.append(~byte) }
                try SecretFile.create(text, at: path)
            }
            let (text, key) = (Pattern(inverted: digits), Pattern(inverted: inverted))
            #expect(try text.count() == 0)
            do {
                let held = try SecretFile.read(path)
                // The search can find what is there.
                #expect(try text.count() == 1)
                #expect(held.count > 64)
            }
            do {
                let held = try KeyEncryptionKey(contentsOf: path)
                #expect(try key.count() == 1)
                #expect(held.id == (try KeyEncryptionKey(contentsOf: path)).id)
            }
            #expect(try text.count() == 0)
            #expect(try key.count() == 0)
        }
    }
}
