import Backends
import FaxModel
import Logging
import NIOCore
import NIOPosix
import SIP
import Synchronization
import WorkerProtocol
import Workers

/// What support would do with a trunk: show that its server knows us, ask what it can, and make a test call on request.
struct LineCheck {
    let trunk: Trunk
    let stationIdentifier: String?
    let worker: String
    let logger: Logger

    /// Prints each finding as it comes.
    /// - Parameter number: whom to call with a test page; nil for no call.
    /// - Returns: whether all was good.
    func run(calling number: PhoneNumber?) async throws -> Bool {
        // The server may be running: its port and its registration stay untouched.
        var trunk = trunk
        trunk.bindPort = 0
        let agent = try await trunk.startAgent(
            productName: "Faxlock/\(Faxlock.version)", logger: logger, group: MultiThreadedEventLoopGroup.singleton)
        let isGood: Bool
        do {
            isGood = try await check(trunk, agent: agent, calling: number)
        } catch {
            await agent.shutdown()
            throw error
        }
        await agent.shutdown()
        return isGood
    }

    private func check(_ trunk: Trunk, agent: UserAgent, calling number: PhoneNumber?) async throws -> Bool {
        let transport = (trunk.server.transport ?? .udp).rawValue.uppercased()
        say("Trunk", "\(trunk.name): \(trunk.server.host)\(trunk.server.port.map { ":\($0)" } ?? ""), \(transport)")
        say("From", "\(agent.localAddress.ipAddress ?? "")\(trunk.advertisedHost.map { ", seen as \($0)" } ?? "")")
        say("Media", mediaText)
        var isGood = true
        do throws(UserAgentError) {
            let targets = try await agent.targets(for: trunk.server)
            say("Address", targets.map { "\($0.remote.ipAddress ?? ""):\($0.remote.port ?? 0)" }.joined(separator: ", "))
        } catch {
            say("Address", "FAIL: \(trunk.server.host) has no address; check server")
            return false
        }
        if trunk.registers { isGood = await showRegistration(trunk, agent: agent) && isGood }
        isGood = await showOptions(trunk, agent: agent) && isGood
        if let number { isGood = try await call(number, by: trunk, agent: agent) && isGood }
        return isGood
    }

    private var mediaText: String {
        let media = trunk.media
        let codecs = media.codecs.map(\.encodingName).joined(separator: ", ")
        if media.isEncrypted { return "\(codecs) over SRTP; no T.38, which has no encryption" }
        return media.allowsT38 ? "T.38 (redundancy \(media.redundancy)), \(codecs)" : "\(codecs); no T.38"
    }

    /// A REGISTER without Contact asks and changes nothing (RFC 3261 10.2.3).
    private func showRegistration(_ trunk: Trunk, agent: UserAgent) async -> Bool {
        do throws(RequestFailure) {
            let response = try await agent.request(
                .register, uri: SIPURI(user: nil, host: trunk.domain), destination: trunk.server, from: trunk.caller,
                to: trunk.caller, credentials: trunk.credentials)
            guard response.status == 200 else {
                let hint = [401, 403, 407].contains(response.status) ? ": user or password are wrong, or not allowed from here" : ""
                say("Register", "FAIL: the registrar answers \(response.status)\(hint)")
                return false
            }
            let bindings = response.headers.values("Contact").count
            say("Register", "200: user and password are right; \(bindings == 0 ? "nobody is" : "\(bindings)") registered now")
            return true
        } catch {
            say("Register", "FAIL: \(error)")
            return false
        }
    }

    private func showOptions(_ trunk: Trunk, agent: UserAgent) async -> Bool {
        do throws(RequestFailure) {
            let reply = try await agent.options(
                SIPURI(user: nil, host: trunk.domain), destination: trunk.server, from: trunk.caller, credentials: trunk.credentials)
            let server = reply.server.map { ", \($0)" } ?? ""
            say("Options", "\(reply.status)\(server)")
            if !reply.allow.isEmpty { say("", "allows \(reply.allow.joined(separator: " "))") }
            return true
        } catch {
            say("Options", "FAIL: \(error)")
            return false
        }
    }

    // MARK: The test call

    private func call(_ number: PhoneNumber, by trunk: Trunk, agent: UserAgent) async throws -> Bool {
        let line = OwnLine(
            agent: agent, worker: CallWorker(executable: worker, group: MultiThreadedEventLoopGroup.singleton),
            configuration: trunk.calling(
                from: agent.localAddress.ipAddress ?? trunk.bindHost, stationIdentifier: stationIdentifier))
        var generator = SystemRandomNumberGenerator()
        let reference = FaxID(now: SystemClock.now(), using: &generator).text
        let outbound = OutboundCall(
            reference: reference, number: number, image: try TestPage.file(), documents: [1], firstPage: 0)
        say("Call", "\(number.masked), one test page, Call-ID \(reference)")
        let start = ContinuousClock.now
        let result = await line.send(outbound) { progress in
            let seconds = (ContinuousClock.now - start).components.seconds
            Self.say("", "\(seconds) s: \(Self.text(of: progress))")
        }
        for frame in result.trace {
            let time = "\(frame.milliseconds / 1000).\(String(frame.milliseconds % 1000 / 100))"
            Self.say("", "T.30 \(time) s \(frame.isIncoming ? "<-" : "->") \(frame.name) \(frame.note)")
        }
        say("Result", "\(result.outcome.name): \(result.evidence)")
        return result.outcome == .delivered
    }

    private static func text(of progress: CallProgress) -> String {
        switch progress {
        case .ringing: "ringing"
        case .answered: "answered"
        case .negotiated(let facts): "fax machines agreed: \(facts.bitRate) bit/s, \(facts.errorCorrection ? "ECM" : "no ECM")"
        case .pageConfirmed(let page): "page confirmed, \(page.retries) retries"
        }
    }

    private func say(_ name: String, _ text: String) { Self.say(name, text) }

    private static func say(_ name: String, _ text: String) {
        print(name + String(repeating: " ", count: max(1, 10 - name.count)) + text)
    }
}
