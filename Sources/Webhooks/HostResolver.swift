import Access
import Glibc
import NIOPosix

/// Looks names up, each once for an attempt, on threads of its own: the system's resolver blocks.
package struct HostResolver: Sendable {
    /// More than any host that is meant has.
    private static let mostAddresses = 32

    private let pool: NIOThreadPool

    /// Starts the threads.
    package init(threads: Int = 4) {
        pool = NIOThreadPool(numberOfThreads: threads)
        pool.start()
    }

    /// All addresses of a name; none where there is no such name, or where it is not found in time.
    ///
    /// The system's resolver cannot be stopped: it is left alone when the time is over or the task is cancelled.
    @Sendable func addresses(of name: String, within limit: Duration) async -> [NetworkAddress] {
        let (answers, answer) = AsyncStream.makeStream(of: [NetworkAddress].self)
        pool.submit { state in
            if case .active = state { answer.yield(Self.lookUp(name)) }
            answer.finish()
        }
        let timer = Task {
            if (try? await Task.sleep(for: limit)) != nil { answer.finish() }
        }
        defer { timer.cancel() }
        for await found in answers { return found }
        return []
    }

    /// Nothing is looked up afterwards. A lookup under way ends by itself.
    package func close() {
        pool.shutdownGracefully { _ in }
    }

    private static func lookUp(_ name: String) -> [NetworkAddress] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var first: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(name, nil, &hints, &first) == 0 else { return [] }
        defer { freeaddrinfo(first) }
        var addresses: [NetworkAddress] = []
        var entry = first
        while let info = entry, addresses.count < mostAddresses {
            if let address = address(info.pointee) { addresses.append(address) }
            entry = info.pointee.ai_next
        }
        return addresses
    }

    private static func address(_ info: addrinfo) -> NetworkAddress? {
        guard let pointer = info.ai_addr else { return nil }
        let bytes = UnsafeRawBufferPointer(start: pointer, count: Int(info.ai_addrlen))
        switch info.ai_family {
        case AF_INET where bytes.count >= MemoryLayout<sockaddr_in>.size:
            return NetworkAddress(bytes: bytes[4..<8])
        case AF_INET6 where bytes.count >= MemoryLayout<sockaddr_in6>.size:
            return NetworkAddress(bytes: bytes[8..<24])
        default: return nil
        }
    }
}
