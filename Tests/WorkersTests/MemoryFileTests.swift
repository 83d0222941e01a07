import Testing
import Workers

@Suite struct MemoryFileTests {
    @Test func holdsWhatWasAppended() throws {
        let file = try MemoryFile()
        try file.append([1, 2, 3])
        try file.append(repeatElement(7, count: 100_000))
        #expect(try file.read(at: 0, count: 4) == [1, 2, 3, 7])
        #expect(try file.read(at: 100_000, count: 10) == [7, 7, 7])
        #expect(try file.read(at: 100_003, count: 10) == [])
    }

    @Test func readingDoesNotMoveTheEnd() throws {
        let file = try MemoryFile()
        try file.append([1])
        #expect(try file.read(at: 0, count: 1) == [1])
        try file.append([2])
        #expect(try file.read(at: 0, count: 9) == [1, 2])
    }
}
