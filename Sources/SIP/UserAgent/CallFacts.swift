import Synchronization

/// What is known of how a call ended beyond its last event. It stays readable when the call is over.
package struct CallFacts: Sendable, Equatable {
    /// The final status of our INVITE when it failed.
    package internal(set) var status: Int?
    /// Seconds after which a new try makes sense (RFC 3261 20.33), at most a day.
    package internal(set) var retryAfter: Int?
    /// The Reason values of the BYE, CANCEL or failure that ended the call (RFC 3326, RFC 6432).
    package internal(set) var reasons: [SIPReason] = []
    /// How many other addresses a 3xx named that were not followed. What they are is not kept: a redirect can name anyone.
    package internal(set) var redirectCount = 0

    /// The cause of ITU-T Q.850 among the reasons, 1...127: 16 normal, 17 busy, 1 unallocated number ...
    package var q850Cause: Int? {
        reasons.first { $0.namespace.equalsIgnoringCase("Q.850") }?.cause.flatMap { (1...127).contains($0) ? $0 : nil }
    }
}

/// The facts of one call, written by the agent and read by whoever holds the call.
final class CallFactsBox: Sendable {
    private let facts = Mutex(CallFacts())

    var value: CallFacts { facts.withLock(\.self) }

    func note(_ change: (inout CallFacts) -> Void) {
        facts.withLock { change(&$0) }
    }
}

extension CallFacts {
    /// Takes what a failure of our INVITE says.
    mutating func take(_ response: SIPResponse) {
        status = response.status
        retryAfter = response.headers.retryAfter
        reasons = response.headers.reasons
        if (300...399).contains(response.status) { redirectCount = response.headers.list("Contact").count }
    }
}
