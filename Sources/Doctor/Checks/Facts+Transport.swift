import ServerSettings

/// Who can listen in (45 CFR 164.312(e)).
extension Facts {
    /// Days before its end at which a certificate is spoken of.
    private static let certificateNotice = 21

    var serverReachable: Verdict {
        switch isReady {
        case .value(true): .holds("GET /health/ready: ready")
        case .value(false): .broken("GET /health/ready: not ready", "Read which of its checks is false, and the server's log.")
        // No answer is what this check is about.
        case .unknown(let why): .broken(why, "Start the server, or say where it is.")
        }
    }

    var tlsVerdict: Verdict {
        guard let tls else {
            guard HostName.isLoopback(settings.host) else {
                return .broken(
                    "the server listens on \(settings.host) without TLS",
                    "Set FAXLOCK_TLS_CERTIFICATE and FAXLOCK_TLS_KEY, or listen on 127.0.0.1.")
            }
            return .notApplicable(
                "the server listens on \(settings.host) only, and PUBLIC_API_URL names no TLS proxy: nobody else can connect")
        }
        return tls.verdict { tls in
            if case .refused(let why) = tls.modern {
                return .broken("\(tls.target) does not speak TLS 1.2 or later: \(why)", "Give it a certificate and key that fit.")
            }
            if tls.answersPlaintext {
                return .broken("\(tls.target) answers HTTP without TLS", "Have the port speak TLS alone; redirect on another port.")
            }
            if tls.acceptsOld { return .broken("\(tls.target) accepts TLS 1.1 or older", "Allow TLS 1.2 and later only.") }
            if let problem = tls.certificateProblem {
                return .broken(
                    "\(tls.target) shows a certificate that is not trusted: \(problem)",
                    "Install a certificate for the name that clients use; FAXLOCK_CA names an authority of your own.")
            }
            guard tls.daysLeft >= 0 else { return .broken("the certificate of \(tls.target) has ended", "Renew it.") }
            guard case .agreed(let version) = tls.modern, tls.daysLeft >= Self.certificateNotice else {
                return .doubtful(
                    "the certificate of \(tls.target) ends in \(tls.daysLeft) days", "Renew it; the server reads it again by itself.")
            }
            return .holds("\(tls.target): \(version); TLS 1.1 and plain HTTP refused; certificate good for \(tls.daysLeft) days")
        }
    }

    var hsts: Verdict {
        guard tls != nil else { return .notApplicable("nothing here speaks TLS") }
        return strictTransport.verdict { header in
            header.isEmpty
                ? .broken(
                    "no Strict-Transport-Security header", "Have the TLS proxy send it; the server does with a certificate of its own.")
                : .holds("Strict-Transport-Security: \(header)")
        }
    }

    var publicURL: Verdict {
        let url = settings.publicURL
        if url.hasPrefix("https://") { return .holds(url) }
        if HostName.isLoopback(HostName.host(ofURL: url)) { return .notApplicable("\(url) works on this machine only") }
        return .broken("links to documents begin with \(url)", "Set PUBLIC_API_URL to the https:// address that clients use.")
    }
}
