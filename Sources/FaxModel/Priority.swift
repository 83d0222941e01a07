/// How soon a fax goes, compared with others that wait.
package enum Priority: String, Sendable, Hashable, Codable, CaseIterable {
    case urgent, normal, bulk

    /// The rank of a fax that has not failed yet: the lowest goes first.
    package var rank: Int {
        switch self {
        case .urgent: 0
        case .normal: 100
        case .bulk: 200
        }
    }

    /// The rank after `failures` calls without success: what people wait for rises (never past what is urgent), bulk falls.
    package func rank(afterFailures failures: Int) -> Int {
        switch self {
        case .urgent: rank
        case .normal: max(10, rank - 10 * min(failures, 9))
        case .bulk: rank + 10 * min(failures, 9)
        }
    }
}
