import FaxModel
import ServerSettings

/// Who gets in (45 CFR 164.308(a)(3), (4), (5), 164.312(a), (d)).
extension Facts {
    private static let idleDays = 90

    var keyRequired: Verdict {
        statusWithoutKey.verdict { status in
            status == 401
                ? .holds("GET /fax without a key: 401")
                : .broken("GET /fax without a key: \(status)", "Set REQUIRE_API_KEY=true.")
        }
    }

    var disabledKeyVerdict: Verdict {
        disabledKey.verdict { key in
            guard key.before == 200 else {
                return .unknown("a key that was made for this answered \(key.before) instead of 200")
            }
            return key.after == 401
                ? .holds("a key that was made for this opened 200, and 401 once it was revoked")
                : .broken("a revoked key was answered with \(key.after)", "This is a defect: stop the server and report it.")
        }
    }

    var rateLimit: Verdict {
        let (key, address) = (settings.requestsPerMinute, settings.addressRequestsPerMinute)
        guard key > 0 || address > 0 else {
            return .broken(
                "no limit of requests; after \(settings.refusalsPerMinute) refused credentials a minute an address is refused",
                "Set MAX_REQUESTS_PER_MINUTE, FAXLOCK_ADDRESS_REQUESTS_PER_MINUTE, or both.")
        }
        return .holds(
            "a minute: \(limit(key)) requests a key, \(limit(address)) an address, \(settings.refusalsPerMinute) refused credentials")
    }

    private func limit(_ count: Int) -> String { count == 0 ? "any number of" : "\(count)" }

    var forgedCallback: Verdict {
        forgedCallbacks.verdict { statuses in
            let list = statuses.sorted { $0.key < $1.key }.map { "POST \($0.key): \($0.value)" }.joined(separator: ", ")
            return statuses.values.allSatisfy { [401, 403, 404, 405].contains($0) }
                ? .holds(list)
                : .broken("a callback with a forged signature was accepted: \(list)", "Set PHAXIO_VERIFY_SIGNATURE=true.")
        }
    }

    var defaultSecrets: Verdict {
        server.verdict { server in
            server.weak_secrets.isEmpty
                ? .holds("no secret that was given is short or a known one")
                : .broken(
                    "weak: \(server.weak_secrets.joined(separator: ", "))",
                    "Replace each by 32 random characters or more (openssl rand -hex 32), also those that this version does not use.")
        }
    }

    var emergencyReviewed: Verdict {
        server.verdict { server in
            let keys = server.unreviewed_emergencies
            return keys.isEmpty
                ? .holds("no emergency access waits for its review")
                : .broken(
                    "\(keys.count) not reviewed: \(shortList(keys))",
                    "Look at what was done with each (faxlock audit search --actor KEY), then faxlock emergency review KEY.")
        }
    }

    var keysExpire: Verdict {
        server.verdict { server in
            let idle = now.advanced(by: .seconds(-Self.idleDays * 86_400)).description
            let endless = server.keys.filter { $0.expires_at == nil }.map(\.id)
            // Times of one form and zone are in order as texts.
            let unused = server.keys.filter { ($0.last_used_at ?? $0.created_at) < idle }.map(\.id)
            let hasFirst = server.settings.contains { $0.name == "API_KEY" && !$0.value.isEmpty }
            guard endless.isEmpty, unused.isEmpty, !hasFirst else {
                var found: [String] = []
                if hasFirst { found.append("API_KEY has all scopes and never expires") }
                if !endless.isEmpty { found.append("\(endless.count) of \(server.keys.count) never expire: \(shortList(endless))") }
                if !unused.isEmpty { found.append("\(unused.count) not used for \(Self.idleDays) days: \(shortList(unused))") }
                return .broken(
                    found.joined(separator: "; "),
                    "Revoke what is not needed (faxlock keys revoke), and make keys with --expires; API_KEY is for the first one.")
            }
            return .holds("\(server.keys.count) keys, each with an expiry and used within \(Self.idleDays) days")
        }
    }

    var reason: Verdict {
        settings.requiresReason
            ? .holds("FAXLOCK_REQUIRE_REASON=true")
            : .broken("documents open without a reason", "Set FAXLOCK_REQUIRE_REASON=true.")
    }

    /// The first few of a list.
    func shortList(_ items: [String]) -> String {
        items.prefix(5).joined(separator: ", ") + (items.count > 5 ? ", ..." : "")
    }
}
