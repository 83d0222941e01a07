/// Where a pump takes records from, and where it remembers how far it has got.
package struct SinkSource: Sendable {
    /// The next records after a position: at most so many, in order, none left out; empty when there are none. Leaves are after `sequence`,
    /// checkpoints larger than `checkpointSize`. Only what is committed.
    package let next: @Sendable (_ after: SinkPosition, _ limit: Int) async throws -> [AuditRecord]
    /// Makes a position durable.
    package let advance: @Sendable (_ to: SinkPosition) async throws -> Void

    package init(
        next: @escaping @Sendable (_ after: SinkPosition, _ limit: Int) async throws -> [AuditRecord],
        advance: @escaping @Sendable (_ to: SinkPosition) async throws -> Void
    ) {
        self.next = next
        self.advance = advance
    }
}
