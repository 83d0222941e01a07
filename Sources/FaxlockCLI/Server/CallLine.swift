import Backends
import Gateway
import ServiceLifecycle

/// The line of the server as its other parts see it.
protocol CallLine: Service {
    var backend: any Backend { get }
    /// Whether calls can be made.
    var isUp: Bool { get async }
    /// Takes faxes that another program received, and is told of by a request.
    var intake: AsteriskIntake? { get }
}
