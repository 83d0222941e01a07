/// When each key will be free of debt, the earliest first: a binary heap that also finds an entry by its key.
struct DebtHeap: Sendable {
    struct Entry: Sendable {
        let key: String
        /// Microseconds of the clock.
        var freeAt: Int64
    }

    private var entries: [Entry] = []
    private var positions: [String: Int] = [:]

    var count: Int { entries.count }
    var first: Entry? { entries.first }

    subscript(key: String) -> Int64? { positions[key].map { entries[$0].freeAt } }

    mutating func set(_ key: String, freeAt: Int64) {
        if let position = positions[key] {
            entries[position].freeAt = freeAt
            siftDown(siftUp(position))
        } else {
            entries.append(Entry(key: key, freeAt: freeAt))
            positions[key] = entries.count - 1
            siftUp(entries.count - 1)
        }
    }

    mutating func removeFirst() {
        guard let first = entries.first, let last = entries.popLast() else { return }
        positions[first.key] = nil
        guard !entries.isEmpty else { return }
        entries[0] = last
        positions[last.key] = 0
        siftDown(0)
    }

    /// Nobody's debt lasts longer than until `limit`. A minimum with a constant keeps the order, hence the heap.
    mutating func forgive(after limit: Int64) {
        for position in entries.indices { entries[position].freeAt = min(entries[position].freeAt, limit) }
    }

    @discardableResult
    private mutating func siftUp(_ start: Int) -> Int {
        var position = start
        while position > 0 {
            let parent = (position - 1) / 2
            guard entries[position].freeAt < entries[parent].freeAt else { break }
            swap(position, parent)
            position = parent
        }
        return position
    }

    private mutating func siftDown(_ start: Int) {
        var position = start
        while true {
            var least = position
            for child in [2 * position + 1, 2 * position + 2]
            where child < entries.count && entries[child].freeAt < entries[least].freeAt {
                least = child
            }
            guard least != position else { return }
            swap(position, least)
            position = least
        }
    }

    private mutating func swap(_ one: Int, _ other: Int) {
        entries.swapAt(one, other)
        positions[entries[one].key] = one
        positions[entries[other].key] = other
    }
}
