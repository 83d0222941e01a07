/// What a probe brought back.
package enum Seen<Value: Sendable>: Sendable {
    case value(Value)
    /// The probe could not be made, and why.
    case unknown(String)

    /// Judges the value; without one nothing was checked.
    func verdict(_ body: (Value) -> Verdict) -> Verdict {
        switch self {
        case .value(let value): body(value)
        case .unknown(let why): .unknown(why)
        }
    }
}
