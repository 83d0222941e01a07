import Testing

/// A self-signed certificate of one day, for checkers that open the files that a configuration names.
enum ThrowawayCertificate {
    static let reason = "openssl is not installed"

    /// Writes `certificate.pem` and `key.pem` for `name` into the folder.
    static func make(for name: String, in folder: TemporaryFolder) async throws {
        let made = try await Program.openssl.run([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1", "-subj", "/CN=\(name)",
            "-addext", "subjectAltName=DNS:\(name)", "-keyout", "\(folder.path)/key.pem", "-out", "\(folder.path)/certificate.pem",
        ])
        try #require(made.status == 0, "\(made.complaints)")
    }
}
