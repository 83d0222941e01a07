import Foundation
import Glibc
import Testing

/// A real rsyslogd on a loopback port: own configuration, own work folder, own process id file.
struct Rsyslog {
    static let program = "/usr/sbin/rsyslogd"
    /// It and its TLS driver, which is another package.
    static let isPossible: Bool = {
        let folders = ["/usr/lib/x86_64-linux-gnu/rsyslog", "/usr/lib/aarch64-linux-gnu/rsyslog", "/usr/lib64/rsyslog", "/usr/lib/rsyslog"]
        return FileManager.default.isExecutableFile(atPath: program) && ThrowawayCertificates.isPossible
            && folders.contains { FileManager.default.fileExists(atPath: "\($0)/lmnsd_ossl.so") }
    }()

    let process: ChildProcess
    let port: Int

    /// - Parameters:
    ///   - port: 0 for any that is free.
    ///   - output: the file of what arrives, a line each: header fields, structured data and MSG.
    ///   - client: the name that a client's certificate must have; nil to ask for none.
    static func start(
        in folder: TemporaryFolder, certificates: ThrowawayCertificates, port: Int = 0, output: String = "out", client: String? = nil
    ) async throws -> Rsyslog {
        let portFile = folder.file("port")
        unlink(portFile)
        let mode = client == nil ? "anon" : "x509/name"
        let peer = client.map { #"permittedPeer=["\#($0)"]"# } ?? ""
        let configuration = try folder.write(
            """
            global(workDirectory="\(folder.path)" maxMessageSize="128k"
                defaultNetstreamDriverCAFile="\(certificates.authority)"
                defaultNetstreamDriverCertFile="\(certificates.server.chain)"
                defaultNetstreamDriverKeyFile="\(certificates.server.key)")
            module(load="imtcp" streamDriver.name="ossl" streamDriver.mode="1" streamDriver.authMode="\(mode)" \(peer))
            template(name="all" type="string"
                string="%pri%|%timereported:::date-rfc3339%|%hostname%|%app-name%|%procid%|%msgid%|%structured-data%|%msg%\\n")
            action(type="omfile" file="\(folder.file(output))" template="all" sync="on")
            input(type="imtcp" address="127.0.0.1" port="\(port)" listenPortFileName="\(portFile)")
            """, to: "rsyslog.conf")
        let process = try ChildProcess(
            [program, "-n", "-f", configuration, "-i", folder.file("rsyslog.pid")], log: folder.file("rsyslog.log"))
        do {
            // The file is written when the port was any.
            let port = try await eventually("rsyslogd listens") {
                port == 0 ? Int(String(decoding: folder.bytes("port"), as: UTF8.self)) : accepts(port) ? port : nil
            }
            return Rsyslog(process: process, port: port)
        } catch {
            Issue.record("rsyslogd says: \(folder.lines("rsyslog.log").joined(separator: "\n"))")
            try await process.end(by: SIGKILL)
            throw error
        }
    }

    /// Whether something listens at a port of the loopback.
    private static func accepts(_ port: Int) -> Bool {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
