package import Logging
package import NIOCore
import NIOPosix
package import SIP

extension Trunk {
    /// Binds the SIP agent of the trunk.
    /// - Parameter acceptsCallsFrom: asked before a call takes anything but its datagram; nil: all.
    /// - Throws: ``TrunkFailure``.
    package func startAgent(
        productName: String, acceptsCallsFrom: (@Sendable (SocketAddress) -> Bool)? = nil, logger: Logger, group: any EventLoopGroup
    ) async throws(TrunkFailure) -> UserAgent {
        var configuration = UserAgentConfiguration(
            bindHost: try await localHost(), bindPort: bindPort, advertisedHost: advertisedHost, productName: productName)
        configuration.transports = [server.transport ?? .udp]
        configuration.tls = tls
        configuration.credentials = credentials
        configuration.maximumCalls = maximumCalls
        configuration.acceptsCallsFrom = acceptsCallsFrom
        configuration.repliesToPeerAddress = media.isSymmetric
        do {
            return try await UserAgent.start(configuration: configuration, logger: logger, group: group)
        } catch {
            throw TrunkFailure(
                trunk: name,
                problem: "its SIP port \(configuration.bindHost):\(bindPort) cannot be used (\(error)); check bind and the tls_ files")
        }
    }

    /// The address to bind: messages and session descriptions must name one that the trunk can reach.
    private func localHost() async throws(TrunkFailure) -> String {
        guard bindHost == "0.0.0.0" || bindHost == "::" else { return bindHost }
        let (host, port, family) = (server.host, server.port ?? 5060, bindHost == "::" ? AddressFamily.v6 : .v4)
        do {
            // The system's look-up blocks.
            let local = try await NIOThreadPool.singleton.runIfActive { LocalAddress.toward(host, port: port, family: family) }
            if let local { return local }
        } catch {}
        throw TrunkFailure(trunk: name, problem: "there is no way to \(host); check server, or set bind to this machine's address")
    }

    /// What keeps the trunk's calls coming, where it asks for that.
    package func startRegistration(with agent: UserAgent) async -> Registration? {
        guard registers else { return nil }
        var configuration = RegistrationConfiguration(
            registrar: SIPURI(user: nil, host: domain), destinations: [server], addressOfRecord: caller, credentials: credentials)
        configuration.lifetime = registrationTime
        configuration.usesObservedAddress = media.isSymmetric
        return await Registration.start(configuration, agent: agent)
    }

    /// What watches the trunk.
    package func startPinger(with agent: UserAgent) -> OptionsPinger? {
        guard let keepAlive else { return nil }
        var configuration = OptionsPinger.Configuration(
            uri: SIPURI(user: nil, host: domain), destination: server, from: caller, credentials: credentials)
        configuration.interval = keepAlive
        return OptionsPinger.start(configuration, agent: agent)
    }
}
