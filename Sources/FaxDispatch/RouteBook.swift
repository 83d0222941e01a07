package import FaxModel

/// How many calls are on each route, and when the next may begin. Pure: the dispatcher keeps it.
package struct RouteBook: Sendable {
    private struct Use {
        var calls = 0
        /// No call begins before.
        var nextCallAt = Timestamp(milliseconds: 0)
    }

    package let routes: [Route]
    private var uses: [Use]

    package init(_ routes: [Route]) {
        self.routes = routes
        uses = routes.map { _ in Use() }
    }

    /// Calls on all routes.
    package var calls: Int { uses.reduce(0) { $0 + $1.calls } }

    /// Whether any route could take a call now.
    package func hasRoom(at now: Timestamp) -> Bool {
        routes.indices.contains { hasRoom($0, at: now) }
    }

    private func hasRoom(_ index: Int, at now: Timestamp) -> Bool {
        uses[index].calls < routes[index].maximumCalls && uses[index].nextCallAt <= now
    }

    /// Takes a place for a call on the first route that is up, from the preferred one on.
    ///
    /// Where that route is full the fax waits for it: another may cost more, and is for failures.
    /// - Parameters:
    ///   - preferred: the route to begin with; counted round.
    ///   - isUp: by index.
    /// - Returns: the route's index, or nil when there is no place now.
    package mutating func take(preferred: Int, isUp: [Bool], at now: Timestamp) -> Int? {
        guard !routes.isEmpty else { return nil }
        let first = preferred % routes.count
        let order = (0..<routes.count).map { (first + $0) % routes.count }
        // With no route up a call is tried all the same: what is said of a route may be late.
        let index = order.first { isUp[$0] } ?? first
        guard hasRoom(index, at: now) else { return nil }
        uses[index].calls += 1
        if let rate = routes[index].callsPerSecond { uses[index].nextCallAt = now.advanced(by: .seconds(1) / rate) }
        return index
    }

    package mutating func release(_ index: Int) { uses[index].calls -= 1 }

    /// When a route that is held back by its calls a second alone can take the next one.
    package func nextPlace(after now: Timestamp) -> Timestamp? {
        routes.indices.filter { uses[$0].calls < routes[$0].maximumCalls && uses[$0].nextCallAt > now }.map { uses[$0].nextCallAt }.min()
    }
}
