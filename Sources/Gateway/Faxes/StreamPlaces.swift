import Synchronization

/// How many event streams are open: each holds a connection, a timer and a reader of the database for as long as its client likes.
final class StreamPlaces: Sendable {
    /// One stream's place; it is given back at the latest when nobody holds it any more, whatever became of the answer.
    final class Place: Sendable {
        private let owner: String
        private let places: StreamPlaces
        private let isHeld = Mutex(true)

        fileprivate init(_ owner: String, of places: StreamPlaces) {
            self.owner = owner
            self.places = places
        }

        deinit { giveBack() }

        func giveBack() {
            let wasHeld = isHeld.withLock { held in
                defer { held = false }
                return held
            }
            if wasHeld { places.giveBack(owner) }
        }
    }

    enum Full: Error, Equatable {
        /// The owner has as many as one may have.
        case owner(Int)
        case server
    }

    private struct Taken {
        var all = 0
        var byOwner: [String: Int] = [:]
    }

    private let ofOwner: Int
    private let inAll: Int
    private let taken = Mutex(Taken())

    init(ofOwner: Int = 32, inAll: Int = 512) {
        self.ofOwner = ofOwner
        self.inAll = inAll
    }

    /// Streams that are open.
    var count: Int { taken.withLock { $0.all } }

    func take(for owner: String) throws(Full) -> Place {
        let full = taken.withLock { taken -> Full? in
            if taken.byOwner[owner, default: 0] >= ofOwner { return .owner(ofOwner) }
            if taken.all >= inAll { return .server }
            taken.all += 1
            taken.byOwner[owner, default: 0] += 1
            return nil
        }
        if let full { throw full }
        return Place(owner, of: self)
    }

    private func giveBack(_ owner: String) {
        taken.withLock { taken in
            taken.all -= 1
            let left = taken.byOwner[owner, default: 1] - 1
            taken.byOwner[owner] = left == 0 ? nil : left
        }
    }
}
