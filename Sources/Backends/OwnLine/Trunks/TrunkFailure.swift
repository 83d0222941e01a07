/// Why a trunk cannot be used. It names the trunk and what to change.
package struct TrunkFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package let trunk: String
    package let problem: String

    package init(trunk: String, problem: String) {
        self.trunk = trunk
        self.problem = problem
    }

    package var description: String { "trunk \(trunk): \(problem)" }
}
