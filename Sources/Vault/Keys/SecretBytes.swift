import Glibc

/// Bytes of a secret on their way from a file or a custodian to a key: one owner, zeroed when it goes, also after an error.
///
/// `@unchecked Sendable`: the memory has one owner, which moves with the value and never shares it; only a `mutating` call writes to it.
package struct SecretBytes: ~Copyable, @unchecked Sendable {
    private let memory: UnsafeMutableRawBufferPointer
    package private(set) var count = 0

    /// Room for `capacity` bytes. It never grows, since growing would leave copies behind.
    package init(capacity: Int) {
        memory = .allocate(byteCount: max(1, capacity), alignment: 1)
    }

    /// A copy; the caller zeroes or gives up its own.
    package init(_ bytes: UnsafeRawBufferPointer) {
        self.init(capacity: bytes.count)
        memory.copyMemory(from: bytes)
        count = bytes.count
    }

    /// A copy, for texts that are no secret by themselves.
    package init(_ bytes: some Collection<UInt8>) {
        self.init(capacity: bytes.count)
        for byte in bytes.prefix(memory.count) { append(byte) }
    }

    deinit {
        if let start = memory.baseAddress { explicit_bzero(start, memory.count) }
        memory.deallocate()
    }

    /// New random bytes of the system's generator.
    package static func random(count: Int) -> SecretBytes {
        var bytes = SecretBytes(capacity: count)
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<count { bytes.append(UInt8.random(in: .min ... .max, using: &generator)) }
        return bytes
    }

    /// Appends one byte.
    ///
    /// - Returns: whether there was room for it.
    @discardableResult
    package mutating func append(_ byte: UInt8) -> Bool {
        guard count < memory.count else { return false }
        memory[count] = byte
        count += 1
        return true
    }

    /// Appends all bytes, or none.
    ///
    /// - Returns: whether there was room for them.
    @discardableResult
    package mutating func append(contentsOf bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count <= memory.count - count else { return false }
        UnsafeMutableRawBufferPointer(rebasing: memory[count...]).copyMemory(from: bytes)
        count += bytes.count
        return true
    }

    /// Appends all bytes, or none.
    ///
    /// - Returns: whether there was room for them.
    @discardableResult
    package mutating func append(contentsOf bytes: some Collection<UInt8>) -> Bool {
        guard bytes.count <= memory.count - count else { return false }
        for byte in bytes { append(byte) }
        return true
    }

    /// Fills the free room from a source as `read`, which says how many bytes it gave; its result is passed on.
    package mutating func fill(from source: (UnsafeMutableRawBufferPointer) -> Int) -> Int {
        let given = source(UnsafeMutableRawBufferPointer(rebasing: memory[count...]))
        count += min(max(0, given), memory.count - count)
        return given
    }

    /// Whether there is no room left.
    package var isFull: Bool { count == memory.count }

    /// The bytes, valid during the call only.
    package func withBytes<Result: ~Copyable, Failure>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(rebasing: memory[..<count]))
    }

    /// Compares in a time that depends on the lengths alone.
    package func isEqual(to other: borrowing SecretBytes) -> Bool {
        guard count == other.count else { return false }
        var difference: UInt8 = 0
        for index in 0..<count { difference |= memory[index] ^ other.memory[index] }
        return difference == 0
    }
}
