import T30
import WorkerProtocol

/// What carries T.30 in a call: UDPTL or RTP on the media socket. It has the far end's address and a T.30 terminal; time
/// and datagrams are brought to it.
protocol MediaLine: AnyObject {
    var terminal: FaxTerminal { get }
    var medium: FaxMedium { get }
    /// Milliseconds of a tick.
    var step: Int64 { get }
    /// Ticks that may come together now, at least 1.
    var ticksTogether: Int64 { get }
    /// Whether what arrives can wait for the tick: nobody is to be answered.
    var mayArrivalsWait: Bool { get }
    /// Ticks in which T.30 hears what came already, beyond the next.
    var ticksToDrain: Int { get }
    /// Whether datagrams wait that the socket did not take yet.
    var hasUnsent: Bool { get }

    /// Takes a datagram from anywhere, with anything in it.
    func receive(_ datagram: [UInt8], from address: SocketAddress)
    /// Lets ``step`` milliseconds pass.
    func tick()
    /// Sends what has come up.
    func transmit(on socket: borrowing MediaSocket)
}
