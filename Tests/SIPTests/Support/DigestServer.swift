import NIOCore
import Synchronization

@testable import SIP

/// A server without a network: the transport of an agent whose every request it answers at once. It demands digest
/// credentials, checks them with code of its own, keeps bindings, and takes calls.
final class DigestServer: SIPTransport {
    struct Rules {
        var realm = "trunk.example"
        var isProxy = false
        /// What it offers, in its order; empty for no authentication.
        var algorithms = ["SHA-256"]
        var qop: String? = "auth"
        /// How often a nonce may be used until it is stale.
        var nonceUses = 1_000
        /// 403 for a wrong password, or a new challenge.
        var forbidsWrongPassword = true
        var granted: Int?
        var minimum: Int?
        /// The source address it sees, if that is not the Via's.
        var observed: (host: String, port: Int)?
        /// Ports where nobody answers.
        var silentPorts: Set<Int> = []
        /// The answer to everything, in place of all else.
        var answer: (status: Int, fields: [SIPHeaders.Field])?
    }

    struct Received {
        let request: SIPRequest
        let port: Int?
        let status: Int
    }

    private struct State {
        var rules: Rules
        var serial = 0
        var nonces: [String: (uses: Int, count: Int)] = [:]
        var bindings: [String: Int] = ["sip:other@192.0.2.77:5060": 30]
        var received: [Received] = []
    }

    let kind = SIPTransportKind.udp
    let localAddress: SocketAddress
    let arrivals: AsyncStream<SIPTransportEvent>
    private let input: AsyncStream<SIPTransportEvent>.Continuation
    private let state: Mutex<State>

    init(_ rules: Rules = Rules()) throws {
        localAddress = try SocketAddress(ipAddress: "192.0.2.20", port: 5060)
        (arrivals, input) = AsyncStream.makeStream()
        state = Mutex(State(rules: rules))
    }

    func close() async { input.finish() }

    func change(_ body: (inout Rules) -> Void) { state.withLock { body(&$0.rules) } }

    /// Everything that came with its answer, ACK (status 0) included.
    var received: [Received] { state.withLock(\.received) }
    /// Expires by Contact URI.
    var bindings: [String: Int] { state.withLock(\.bindings) }

    func send(_ bytes: [UInt8], to flow: SIPFlow) {
        guard case .request(let request)? = try? SIPParser().parse(bytes) else { return }
        let response: SIPResponse? = state.withLock { state in
            if state.rules.silentPorts.contains(flow.remote.port ?? 0) {
                state.received.append(Received(request: request, port: flow.remote.port, status: 0))
                return nil
            }
            let response = request.method == .ack ? nil : Self.answer(request, &state)
            state.received.append(Received(request: request, port: flow.remote.port, status: response?.status ?? 0))
            return response
        }
        guard let response else { return }
        input.yield(.message(SIPDatagram(bytes: SIPMessage.response(response).bytes, flow: flow)))
    }

    private static func answer(_ request: SIPRequest, _ state: inout State) -> SIPResponse {
        var response = request.response(200, toTag: "server")
        if let answer = state.rules.answer {
            response = request.response(answer.status, toTag: "server")
            for field in answer.fields { response.headers.add(field.name, field.value) }
        } else if request.method != .cancel, let refusal = refusal(of: request, &state) {
            response = refusal
        } else if request.method == .register {
            response = register(request, &state)
        } else {
            response.headers.add("Contact", "<sip:server@192.0.2.10:5060>")
            response.headers.add("Allow", "INVITE, ACK, BYE")
            response.headers.add("Allow", "OPTIONS")
            response.headers.add("Accept", "application/sdp")
            response.headers.add("Server", "Digest/1")
        }
        if let observed = state.rules.observed, var via = response.headers.topVia {
            via.parameters["received"] = observed.host
            via.parameters["rport"] = String(observed.port)
            response.headers.replaceFirstEntry(of: "Via", with: via.text)
        }
        return response
    }

    private static func refusal(of request: SIPRequest, _ state: inout State) -> SIPResponse? {
        let rules = state.rules
        guard !rules.algorithms.isEmpty else { return nil }
        let given = request.headers.values(rules.isProxy ? "Proxy-Authorization" : "Authorization")
            .compactMap { AuthenticationScheme.all(in: $0).first }.first { $0["realm"] == rules.realm }
        guard let given, let nonce = given["nonce"], var use = state.nonces[nonce] else {
            return challenge(request, &state, isStale: given != nil)
        }
        guard isRight(given, request) else {
            return rules.forbidsWrongPassword ? request.response(403) : challenge(request, &state, isStale: false)
        }
        if rules.qop != nil {
            guard let count = Int(given["nc"] ?? "", radix: 16), count > use.count else { return request.response(400) }
            use.count = count
        }
        use.uses += 1
        state.nonces[nonce] = use
        return use.uses > rules.nonceUses ? challenge(request, &state, isStale: true) : nil
    }

    private static func isRight(_ given: AuthenticationScheme, _ request: SIPRequest) -> Bool {
        guard given["username"] == "fax01", given["uri"] == request.uri.text, let nonce = given["nonce"] else { return false }
        let algorithm = given["algorithm"] == "SHA-256" ? DigestAlgorithm.sha256 : .md5
        func hash(_ text: String) -> String { algorithm.hash(text.utf8) }
        let parts =
            given["qop"] == nil
            ? [nonce] : [nonce, given["nc"] ?? "", given["cnonce"] ?? "", given["qop"] ?? ""]
        let secret = hash("fax01:\(given["realm"] ?? ""):s3cret")
        let what = hash("\(request.method.rawValue):\(request.uri.text)")
        return given["response"] == hash(([secret] + parts + [what]).joined(separator: ":"))
    }

    private static func challenge(_ request: SIPRequest, _ state: inout State, isStale: Bool) -> SIPResponse {
        let rules = state.rules
        var response = request.response(rules.isProxy ? 407 : 401, toTag: "server")
        for algorithm in rules.algorithms {
            state.serial += 1
            state.nonces["nonce\(state.serial)"] = (0, 0)
            var text = "Digest realm=\"\(rules.realm)\", nonce=\"nonce\(state.serial)\", algorithm=\(algorithm)"
            if let qop = rules.qop { text += ", qop=\"\(qop)\"" }
            if isStale { text += ", stale=true" }
            response.headers.add(rules.isProxy ? "Proxy-Authenticate" : "WWW-Authenticate", text)
        }
        return response
    }

    private static func register(_ request: SIPRequest, _ state: inout State) -> SIPResponse {
        let contacts = request.headers.list("Contact").compactMap { try? NameAddress(parsing: $0) }
        let asked = contacts.map { Int($0.parameters["expires"] ?? "") ?? request.headers.seconds("Expires") ?? 3_600 }
        if let minimum = state.rules.minimum, asked.contains(where: { $0 > 0 && $0 < minimum }) {
            var response = request.response(423)
            response.headers.add("Min-Expires", String(minimum))
            return response
        }
        for (contact, seconds) in zip(contacts, asked) {
            state.bindings[contact.uri.text] = seconds == 0 ? nil : state.rules.granted ?? seconds
        }
        var response = request.response(200, toTag: "server")
        for (uri, seconds) in state.bindings.sorted(by: { $0.value < $1.value }) {
            response.headers.add("Contact", "<\(uri)>;expires=\(seconds)")
        }
        return response
    }
}

extension DigestServer {
    /// An agent on this server, with a clock that stands still.
    func agent(
        _ clock: ManualClock, credentials: SIPCredentials? = SIPCredentials(username: "fax01", password: "s3cret")
    ) async -> UserAgent {
        var configuration = UserAgentConfiguration(bindHost: "192.0.2.20")
        configuration.credentials = credentials
        return await UserAgent.start(
            configuration: configuration, transport: self, clock: clock, random: SeededGenerator(seed: 11))
    }

    /// One parameter of the credentials of each request of a method, empty for a request without.
    func credentials(_ name: String, of method: SIPMethod) -> [String] {
        received.filter { $0.request.method == method }.map { entry in
            let field = entry.request.headers["Authorization"] ?? entry.request.headers["Proxy-Authorization"] ?? ""
            return AuthenticationScheme.all(in: field).first?[name] ?? ""
        }
    }

    func statuses(_ method: SIPMethod) -> [Int] {
        received.filter { $0.request.method == method }.map(\.status)
    }
}
