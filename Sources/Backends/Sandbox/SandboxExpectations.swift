import Synchronization

/// What the sandbox's line tells its far end of calls that are about to come. SIP does not say which fax a call is for, nor at which page
/// it begins.
final class SandboxExpectations: Sendable {
    private let farEnds = Mutex<[String: FarEnd]>([:])

    /// - Parameter callID: of the call, as long as it lasts.
    subscript(callID: String) -> FarEnd? {
        get { farEnds.withLock { $0[callID] } }
        set { farEnds.withLock { $0[callID] = newValue } }
    }
}
