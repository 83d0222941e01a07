/// The order in which servers of a service are tried (RFC 2782).
package enum ServiceOrder {
    /// One SRV record.
    package struct Server: Sendable, Equatable {
        /// The lowest is tried first.
        package let priority: Int
        /// The share of the first tries among equals.
        package let weight: Int
        /// 1...65535.
        package let port: Int
        /// The name of the machine.
        package let target: String

        /// Builds a record.
        package init(priority: Int, weight: Int, port: Int, target: String) {
            self.priority = priority
            self.weight = weight
            self.port = port
            self.target = target
        }
    }

    /// By priority; among equals at random, each the sooner the greater its weight.
    package static func arrange(_ servers: [Server], using random: inout any RandomNumberGenerator & Sendable) -> [Server] {
        var arranged: [Server] = []
        for priority in Set(servers.map(\.priority)).sorted() {
            // Those without weight come first, so that they have a small chance too.
            var left = servers.filter { $0.priority == priority && $0.weight == 0 }
            left += servers.filter { $0.priority == priority && $0.weight > 0 }
            while !left.isEmpty {
                let total = left.reduce(0) { $0 + $1.weight }
                let chosen = Int(random.next(upperBound: UInt(total) + 1))
                var sum = 0
                let index = left.firstIndex { server in
                    sum += server.weight
                    return sum >= chosen
                }
                arranged.append(left.remove(at: index ?? 0))
            }
        }
        return arranged
    }
}
