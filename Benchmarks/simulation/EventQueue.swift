import FaxModel

/// What will happen, the earliest first; what is planned for the same moment comes in the order in which it was planned.
struct EventQueue<Event> {
    private struct Entry {
        let at: Timestamp
        let order: Int
        let event: Event

        func isBefore(_ other: Entry) -> Bool { at == other.at ? order < other.order : at < other.at }
    }

    /// A binary heap.
    private var heap: [Entry] = []
    private var planned = 0

    var isEmpty: Bool { heap.isEmpty }

    mutating func plan(_ event: Event, at moment: Timestamp) {
        heap.append(Entry(at: moment, order: planned, event: event))
        planned += 1
        var child = heap.count - 1
        while child > 0, heap[child].isBefore(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func next() -> (at: Timestamp, event: Event)? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return (first.at, first.event) }
        heap[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].isBefore(heap[least]) { least = child }
            if least == parent { return (first.at, first.event) }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
