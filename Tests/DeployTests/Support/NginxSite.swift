import Glibc
import Testing

/// A copy of deploy/nginx/faxlock.conf that a user without rights can run: sockets for ports, a folder of its own, and a second
/// server in Faxlock's place that answers with the headers that reached it.
struct NginxSite {
    let folder: TemporaryFolder

    init(_ folder: TemporaryFolder) throws {
        self.folder = folder
        try folder.write("", to: "log/faxlock.log")
    }

    /// Where clients connect to.
    var socket: String { "\(folder.path)/in.sock" }

    /// Writes it; `edits` are made last.
    func write(replacing edits: KeyValuePairs<String, String> = [:]) throws {
        let path = folder.path
        var site = try Deploy.text(
            "nginx/faxlock.conf",
            replacing: [
                "/etc/faxlock/tls/fullchain.pem": "\(path)/certificate.pem", "/etc/faxlock/tls/privkey.pem": "\(path)/key.pem",
                "/var/log/nginx": "\(path)/log", "server 127.0.0.1:8080": "server unix:\(path)/up.sock",
                "listen 443": "listen unix:\(socket)",
            ])
        for (old, new) in edits {
            try #require(site.contains(old), "deploy/nginx/faxlock.conf does not have: \(old)")
            site = site.replacing(old, with: new)
        }
        try folder.write(site, to: "faxlock.conf")
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path \(path)/\($0);" }.joined(separator: " ")
        // Workers of a master with root's rights would be nobody, who cannot enter the folder.
        try folder.write(
            """
            \(getuid() == 0 ? "user root;" : "")
            error_log \(path)/log/main.log info;
            pid \(path)/pid;
            events {}
            http {
                access_log off;
                \(temporary)
                include \(path)/faxlock.conf;
                server {
                    listen unix:\(path)/up.sock;
                    client_max_body_size 0;
                    location / { return 200 "for=[$http_x_forwarded_for] forwarded=[$http_forwarded] real=[$http_x_real_ip]"; }
                }
            }

            """, to: "nginx.conf")
    }

    func nginx(_ options: String...) async throws -> Program.Result {
        try await Program.nginx.run(options + ["-p", folder.path, "-e", "\(folder.path)/log/main.log", "-c", "\(folder.path)/nginx.conf"])
    }

    /// Runs the proxy and the server behind it while `body` does. nginx comes back from its start when it listens.
    func run(_ body: () async throws -> Void) async throws {
        let start = try await nginx()
        try #require(start.status == 0, "\(start.complaints)")
        // By its own pid and without waiting, so that a test that ran out of time stops it too.
        let pid = try #require(Int32(try folder.text("pid").filter(\.isNumber)))
        defer { kill(pid, SIGTERM) }
        try await body()
    }

    /// What curl gets for `path`: the head and the body of each answer.
    func get(_ path: String, host: String = "fax.example.org", options: [String] = [], times: Int = 1) async throws -> Program.Result {
        let urls = Array(repeating: "https://\(host)\(path)", count: times)
        return try await Program.curl.run(
            ["-s", "-S", "-i", "--max-time", "20", "--unix-socket", socket, "--cacert", "\(folder.path)/certificate.pem"] + options + urls)
    }
}
