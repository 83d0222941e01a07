import FaxModel
import Store

/// When a message is posted again, and when no more.
struct DeliverySchedule: Sendable {
    /// Between an attempt and the next, unless the receiver asks for more.
    static let delays: [Duration] = [
        .seconds(5), .seconds(25), .seconds(2 * 60), .seconds(10 * 60), .seconds(52 * 60), .seconds(4 * 3600), .seconds(22 * 3600),
    ]
    /// Of the delay, up or down: those that failed together do not come back together.
    private static let jitter = 0.1

    /// What becomes of a message.
    /// - Parameter attempts: those that were made, with the one that was answered.
    static func verdict(
        after attempts: Int, _ answer: WebhookAnswer, now: Timestamp, using generator: inout some RandomNumberGenerator
    ) -> WebhookVerdict {
        switch answer {
        case .status(200..<300, _): return .delivered(status: answer.status)
        case .status(410, _): return .gone
        case .status, .failed:
            guard delays.indices.contains(attempts - 1) else { return .dead(status: answer.status, failure: answer.word) }
            let own = delays[attempts - 1] * Double.random(in: 1 - jitter...1 + jitter, using: &generator)
            return .again(at: now.advanced(by: wait(own, attempts, answer)), status: answer.status, failure: answer.word)
        }
    }

    /// `Retry-After` counts up to the following delay: a receiver that asks for a year is not forgotten for a year.
    private static func wait(_ own: Duration, _ attempts: Int, _ answer: WebhookAnswer) -> Duration {
        guard case .status(_, let asked?) = answer else { return own }
        let limit = delays[min(attempts, delays.count - 1)]
        return max(own, min(asked, limit))
    }
}
