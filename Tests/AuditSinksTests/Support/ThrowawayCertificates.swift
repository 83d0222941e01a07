import Foundation

/// An authority for one test, with a server's and a client's certificate, made by openssl.
struct ThrowawayCertificates {
    static let openssl = "/usr/bin/openssl"
    static let isPossible = FileManager.default.isExecutableFile(atPath: openssl)

    let authority: String
    let otherAuthority: String
    let server: (chain: String, key: String)
    let client: (chain: String, key: String)

    /// - Parameter hasAddress: whether the server's certificate is for 127.0.0.1 besides its name.
    init(in folder: TemporaryFolder, hasAddress: Bool = true) async throws {
        authority = try await Self.authority("ca", in: folder)
        otherAuthority = try await Self.authority("other", in: folder)
        server = try await Self.leaf("server", names: "DNS:logs.example.org" + (hasAddress ? ",IP:127.0.0.1" : ""), in: folder)
        client = try await Self.leaf("client", names: "DNS:fax.example.org", in: folder)
    }

    private static let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]

    private static func authority(_ name: String, in folder: TemporaryFolder) async throws -> String {
        let file = folder.file(name)
        try await ChildProcess.run(
            [openssl, "req", "-x509"] + newKey + [
                "-keyout", "\(file).key", "-out", "\(file).pem", "-subj", "/CN=\(name)", "-days", "2",
                "-addext", "keyUsage=critical,keyCertSign,cRLSign",
            ])
        return "\(file).pem"
    }

    private static func leaf(_ name: String, names: String, in folder: TemporaryFolder) async throws -> (chain: String, key: String) {
        let file = folder.file(name)
        let extensions = try folder.write("subjectAltName=\(names)\nbasicConstraints=CA:FALSE\n", to: "\(name).ext")
        try await ChildProcess.run([openssl, "req"] + newKey + ["-keyout", "\(file).key", "-out", "\(file).csr", "-subj", "/CN=\(name)"])
        try await ChildProcess.run([
            openssl, "x509", "-req", "-in", "\(file).csr", "-CA", folder.file("ca.pem"), "-CAkey", folder.file("ca.key"), "-CAcreateserial",
            "-out", "\(file).pem", "-days", "2", "-extfile", extensions,
        ])
        return ("\(file).pem", "\(file).key")
    }
}
