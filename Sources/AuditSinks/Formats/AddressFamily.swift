import Glibc

/// What an address in an event is, if it is one: fields for addresses hold nothing else.
enum AddressFamily: Sendable, Hashable {
    case ipv4
    case ipv6

    /// Nil for what is no IP address.
    init?(of text: String) {
        var ipv4 = in_addr()
        var ipv6 = in6_addr()
        if inet_pton(AF_INET, text, &ipv4) == 1 {
            self = .ipv4
        } else if inet_pton(AF_INET6, text, &ipv6) == 1 {
            self = .ipv6
        } else {
            return nil
        }
    }
}
