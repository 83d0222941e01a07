import Backends
import FaxDispatch
import Gateway
import ServiceLifecycle

/// The line of the server as its other parts see it.
protocol CallLine: Service {
    /// The ways out, the preferred one first; at least one.
    var routes: [Route] { get }
    /// Whether calls can be made.
    var isUp: Bool { get async }
    /// Takes faxes that another program received, and is told of by a request.
    var intake: AsteriskIntake? { get }
}
