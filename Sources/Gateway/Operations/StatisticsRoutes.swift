import Access
import FaxModel
import Hummingbird
import Store

/// What became of faxes, and what waits: for people who keep the queue moving. Numbers are masked, and nothing is opened.
struct StatisticsRoutes: Sendable {
    typealias Context = GatewayContext

    /// Longer periods would be read for seconds.
    private static let longestPeriod = Duration.seconds(366 * 86_400)

    let authorisation: Authorisation
    let store: FaxStore
    let clock: @Sendable () -> Timestamp

    func add(to router: Router<Context>) {
        router.get("/stats") { request, context in
            _ = try await authorisation.require(.systemOperate, everywhere: .operateQueue, request, context)
            return try JSONBody(StatisticsDocument(try await store.statistics(try period(request)))).response()
        }
        router.get("/queue") { request, context in
            _ = try await authorisation.require(.systemOperate, everywhere: .operateQueue, request, context)
            return try JSONBody(try await queue(request)).response()
        }
    }

    /// From `from` to `to`; by default the last seven days.
    private func period(_ request: Request) throws(Problem) -> Range<Timestamp> {
        let to = try time("to", request) ?? clock()
        let from = try time("from", request) ?? to.advanced(by: .seconds(-7 * 86_400))
        guard from < to, to <= from.advanced(by: Self.longestPeriod) else {
            throw Problem(
                .unprocessableContent, "The parameters \"from\" and \"to\" must be ISO 8601 times in order, at most 366 days apart.")
        }
        return from..<to
    }

    private func time(_ name: String, _ request: Request) throws(Problem) -> Timestamp? {
        guard let text = request.uri.queryParameters[Substring(name)], !text.isEmpty else { return nil }
        guard let time = Timestamp(iso8601: String(text)) else {
            throw Problem(.unprocessableContent, "The parameter \"\(name)\" must be an ISO 8601 time.")
        }
        return time
    }

    private struct Queue: Encodable {
        let at: String
        let counts: [String: Int]
        let stalled: Int
        let faxes: [QueueDocument]
    }

    private func queue(_ request: Request) async throws -> Queue {
        var filter: WaitingFilter?
        if let word = request.uri.queryParameters["only"], !word.isEmpty {
            filter = WaitingFilter(rawValue: String(word))
            guard filter != nil else {
                throw Problem(
                    .unprocessableContent,
                    "The parameter \"only\" must be one of \(WaitingFilter.allCases.map(\.rawValue).joined(separator: ", ")).")
            }
        }
        let faxes = try await store.waiting(filter, limit: try PageLimit.read(request))
        let gauges = try await store.gauges()
        let counts = FaxState.allCases.filter { !$0.isTerminal }.map { ($0.rawValue, (gauges.faxes[$0] ?? [:]).values.reduce(0, +)) }
        return Queue(
            at: clock().description, counts: Dictionary(uniqueKeysWithValues: counts), stalled: gauges.stalled.values.reduce(0, +),
            faxes: faxes.map { QueueDocument($0) })
    }
}
