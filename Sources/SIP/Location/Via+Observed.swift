extension Via {
    /// The address that the other side saw our request come from: `received`, and `rport` where it differs from the port
    /// of `sent-by` (RFC 3581 4). Nil when it noted neither, or nonsense. Behind NAT this is what our Contact must name.
    package var observed: (host: String, port: Int?)? {
        let port = parameters["rport"].flatMap(Int.init).flatMap { (1...65_535).contains($0) ? $0 : nil }
        guard let received = parameters["received"], !received.isEmpty, received.utf8.allSatisfy(\.isHost) else {
            return port.map { (host, $0) }
        }
        return (received, port)
    }
}
