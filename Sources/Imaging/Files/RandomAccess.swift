/// Bytes that can be read from any place, such as a file or an opened blob, without having all of them in memory.
package protocol RandomAccess {
    /// `count` bytes from `offset`, neither of them negative; fewer, or none, only where the bytes end.
    func read(at offset: Int, count: Int) throws -> [UInt8]
}

extension [UInt8]: RandomAccess {
    /// A copy of the bytes.
    package func read(at offset: Int, count: Int) -> [UInt8] {
        guard offset >= 0, offset < self.count, count > 0 else { return [] }
        return Array(self[offset..<(offset + Swift.min(count, self.count - offset))])
    }
}

/// Bytes that a closure reads.
package struct ClosureRandomAccess: RandomAccess {
    private let body: @Sendable (_ offset: Int, _ count: Int) throws -> [UInt8]

    /// Reads by `body`, which does what ``RandomAccess/read(at:count:)`` says.
    package init(_ body: @escaping @Sendable (_ offset: Int, _ count: Int) throws -> [UInt8]) {
        self.body = body
    }

    package func read(at offset: Int, count: Int) throws -> [UInt8] {
        try body(offset, count)
    }
}
