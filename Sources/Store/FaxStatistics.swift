package import FaxModel

/// What became of the faxes that were accepted in a period, as far as it is known now.
package struct FaxStatistics: Sendable, Equatable {
    /// Calls that ended in the same way.
    package struct Calls: Sendable, Equatable {
        /// Empty for calls of versions that knew no routes.
        package let route: String
        package let outcome: String
        /// Nil unless the outcome is `failed`.
        package let cause: String?
        package let calls: Int
        /// Connected.
        package let seconds: Int
    }

    package let period: Range<Timestamp>
    package var accepted = 0
    package var delivered = 0
    package var failed = 0
    package var cancelled = 0
    package var unknown = 0
    package var held = 0
    /// Taken in while sending was off.
    package var disabled = 0
    /// Has still a way to go by itself.
    package var underWay = 0
    /// Confirmed by far machines.
    package var pages = 0
    package var received = 0
    package var pagesReceived = 0
    /// Seconds in which a far end was connected.
    package var callSeconds = 0
    package var calls: [Calls] = []
    /// Seconds from acceptance to delivery; nil without a delivery.
    package var medianSeconds: Double?
    package var percentile95Seconds: Double?
    /// The share of faxes that their first call delivered, of those with a first call; 0 to 1.
    package var firstCallSuccess: Double?
    /// Delivered, of those that were delivered, failed or are unknown; 0 to 1.
    package var success: Double?

    init(_ period: Range<Timestamp>) { self.period = period }
}
