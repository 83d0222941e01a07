import FaxDispatch
import Observability
import Webhooks

/// What this process counts for `/metrics`.
struct Meters {
    let registry = MetricsRegistry()
    let calls: DispatchMetrics
    let webhooks: WebhookMetrics

    init(routes: [Route]) {
        calls = DispatchMetrics(registry, routes: routes.map(\.name))
        webhooks = WebhookMetrics(registry)
    }
}

extension DispatchMetrics {
    func ended(_ attempt: EndedAttempt) {
        attemptEnded(route: attempt.route, outcome: attempt.outcome, duration: attempt.duration, pages: attempt.pages)
    }
}

extension WebhookMetrics {
    /// Posts by `post`, and counts how that ended. What the server's own stop cut is not counted.
    func counted(_ post: () async -> WebhookAnswer) async -> WebhookAnswer {
        let start = ContinuousClock.now
        let answer = await post()
        let result: Result? =
            switch answer {
            case .status(let status, _): (200..<300).contains(status) ? .delivered : .failed
            case .failed(.stopped): nil
            case .failed(.address), .failed(.url): .refused
            case .failed: .failed
            }
        if let result { ended(result, seconds: (ContinuousClock.now - start) / .seconds(1)) }
        return answer
    }
}
