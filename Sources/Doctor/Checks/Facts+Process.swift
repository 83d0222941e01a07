import ServerSettings

/// The process, its machine and its logs.
extension Facts {
    var coreLimitVerdict: Verdict {
        coreLimit.verdict { limit in
            limit.isSafe
                ? .holds("RLIMIT_CORE: soft \(limit.soft), hard \(limit.hard) bytes")
                : .broken(
                    "RLIMIT_CORE: soft \(limit.soft), hard \(limit.hard): a core dump would hold pages and keys",
                    "Restart the server, which sets its limit, and find out who raised it.")
        }
    }

    var root: Verdict {
        server.verdict { server in
            server.process.user == 0
                ? .broken("the server runs as root", "Run it as a user of its own: deploy/systemd/faxlock.service.")
                : .holds("the server runs as user \(server.process.user)")
        }
    }

    var socketsVerdict: Verdict {
        server.verdict { server in
            sockets.verdict { sockets in
                let port = HostName.port(ofURL: server.listening)
                let host = HostName.host(ofURL: server.listening)
                let foreign = sockets.filter { socket in
                    switch socket.kind {
                    // Without trunks the own line calls nobody outside of the machine. Media is the workers'.
                    case .udp: !socket.isLoopback && !isTrunkPort(socket.port, [.udp])
                    case .tcp:
                        (socket.port != port || !socket.isLoopback && HostName.isLoopback(host)) && !isTrunkPort(socket.port, [.tcp, .tls])
                    }
                }
                guard foreign.isEmpty else {
                    return .broken(
                        "not in the settings: \(shortList(foreign.map(\.description)))",
                        "Find out what listens there, and close it in the firewall.")
                }
                guard sockets.contains(where: { $0.kind == .tcp }) else { return .unknown("no listening socket of the server was found") }
                return .holds(sockets.filter { $0.kind == .tcp }.map(\.description).joined(separator: ", ") + " as the settings say")
            }
        }
    }

    /// Whether our signalling with a trunk may be there.
    private func isTrunkPort(_ port: Int, _ transports: [Trunk.Transport]) -> Bool {
        guard case .value(let trunks) = trunks else { return false }
        return trunks.contains { transports.contains($0.transport) && ($0.port == 0 || $0.port == port) }
    }

    var sandboxVerdict: Verdict {
        server.verdict { server in
            let walls = server.walls
            var missing: [String] = []
            if walls.landlock < 1 { missing.append("Landlock (files)") }
            if !walls.system_call_filter { missing.append("seccomp (system calls)") }
            return missing.isEmpty
                ? .holds("the server's workers have Landlock \(walls.landlock) and seccomp")
                : .broken(
                    "workers run without \(missing.joined(separator: " and ")): kernel, unit or container withholds it",
                    "Run Linux 5.13 or later with Landlock in its lsm= list, and let both through: deploy/systemd/faxlock.service."
                )
        }
    }

    var environment: Verdict {
        secretsInEnvironment.verdict { names in
            names.isEmpty
                ? .holds("no secret setting is in the server's environment")
                : .broken(
                    "in the environment, which its children and root's tools can read: \(names.joined(separator: ", "))",
                    "Give each as NAME_FILE, best a systemd credential: deploy/secrets/README.md.")
        }
    }

    var clock: Verdict {
        isClockSynchronised.verdict { isSynchronised in
            isSynchronised
                ? .holds("the kernel says that its clock is synchronised")
                : .broken(
                    "the kernel says that its clock is not synchronised", "Run chrony or systemd-timesyncd: times of events are evidence.")
        }
    }

    var logsVerdict: Verdict {
        guard let logs else { return .notApplicable("no log was given (--log FILE, or journalctl -u faxlock > FILE first)") }
        return logs.verdict { report in
            report.count == 0
                ? .holds("\(report.lines) lines: no phone number, no e-mail address")
                : .broken(
                    "\(report.count) of \(report.lines) lines have what looks like a number or an address: \(shortList(report.places))",
                    "Look at the lines. If a number is a recipient's, this is a defect: restrict the log and report it.")
        }
    }
}
