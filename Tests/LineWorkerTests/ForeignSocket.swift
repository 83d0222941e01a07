import Dispatch
import Glibc

/// A UDP socket of somebody else than the two workers, on an address of this machine. It never blocks.
final class ForeignSocket: Sendable {
    private let descriptor: Int32
    let port: UInt16

    init?(address: String) {
        descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        var own = sockaddr_in()
        own.sin_family = sa_family_t(AF_INET)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        guard inet_pton(AF_INET, address, &own.sin_addr) == 1,
            withUnsafeMutablePointer(
                to: &own,
                {
                    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
                    }
                })
        else {
            close(descriptor)
            return nil
        }
        port = UInt16(bigEndian: own.sin_port)
    }

    deinit { close(descriptor) }

    /// Sends to 127.0.0.1; when this returns, the datagram is in the other socket.
    func send(_ bytes: [UInt8], port: UInt16) {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        _ = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, bytes, bytes.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    /// Waits until something has come.
    func waitForDatagram() async {
        let (arrivals, arrival) = AsyncStream<Void>.makeStream()
        let source = DispatchSource.makeReadSource(fileDescriptor: descriptor)
        source.setEventHandler { arrival.finish() }
        source.resume()
        for await _ in arrivals {}
        source.cancel()
    }
}
