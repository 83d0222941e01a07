package import Backends

/// One of the ways out, in the order in which they are tried.
package struct Route: Sendable {
    /// A trunk's or a provider's name: in attempts, metrics and logs.
    package let name: String
    package let backend: any Backend
    /// Calls at the same time, 1 or more.
    package let maximumCalls: Int
    /// Calls that may begin within a second, above 0; nil: as many as there is room for.
    package let callsPerSecond: Double?
    /// Whether a call can be expected to get through now.
    let isUp: @Sendable () async -> Bool

    package init(
        name: String, backend: any Backend, maximumCalls: Int, callsPerSecond: Double? = nil,
        isUp: @escaping @Sendable () async -> Bool = { true }
    ) {
        self.name = name
        self.backend = backend
        self.maximumCalls = maximumCalls
        self.callsPerSecond = callsPerSecond
        self.isUp = isUp
    }
}
