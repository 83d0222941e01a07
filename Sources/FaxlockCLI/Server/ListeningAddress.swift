import ServerSettings
import Synchronization

/// Where the server really listens: with port 0 that is known only once it does.
final class ListeningAddress: Sendable {
    private let settings: Settings
    private let port: Mutex<Int>

    init(settings: Settings) {
        self.settings = settings
        port = Mutex(settings.port)
    }

    func isBound(to port: Int) {
        self.port.withLock { $0 = port }
    }

    /// For the person who started the server.
    var localURL: String {
        let host = settings.host.contains(":") ? "[\(settings.host)]" : settings.host
        return "\(settings.tlsCertificate == nil ? "http" : "https")://\(host):\(port.withLock { $0 })"
    }

    /// For links to clients.
    var publicURL: String {
        settings.port == 0 ? localURL : settings.publicURL
    }
}
