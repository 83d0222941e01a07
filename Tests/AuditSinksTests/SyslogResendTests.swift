import Foundation
import Testing

@testable import AuditSinks

/// What rsyslog cannot be made to do at will: lose exactly what was written.
@Suite(.enabled(if: ThrowawayCertificates.isPossible, "needs openssl"))
struct SyslogResendTests {
    private func frames(_ records: [AuditRecord]) -> [UInt8] {
        let message = SyslogMessage(formatter: .sample(.cef), host: "fax1", processID: getpid())
        return records.flatMap(message.frame)
    }

    /// Also when nothing new comes, since the pump asks.
    @Test(arguments: [true, false])
    func whatABrokenConnectionLostIsSentAgainBeforeAnythingNew(isIdle: Bool) async throws {
        try await TemporaryFolder.with { folder in
            let certificates = try await ThrowawayCertificates(in: folder)
            try await ForgetfulServer.with(certificates) { server in
                let sink = SyslogSink(
                    endpoint: SyslogEndpoint(host: "127.0.0.1", port: server.port), tls: SyslogTLS(authorities: certificates.authority),
                    formatter: .sample(.cef), host: "fax1")
                let records = SampleRecords.ledger(6, checkpointEvery: 3)
                let first = Array(records.prefix(5))
                try await sink.deliver(Array(first.prefix(2)))
                try await sink.deliver(Array(first.dropFirst(2)))
                let size = frames(first).count
                _ = try await eventually("the server loses them") { server.lost == size ? true : nil }
                try await server.cutTheFirst()
                let rest = isIdle ? [] : Array(records.dropFirst(5))
                let expected = frames(first + rest)
                // Until this side has seen the end of the connection, it may write into it.
                _ = try await eventually("they come again") {
                    if server.received.isEmpty { try? await sink.deliver([]) }
                    return server.received.isEmpty ? nil : true
                }
                try await sink.deliver(rest)
                _ = try await eventually("all") { server.received.count >= expected.count ? true : nil }
                await sink.close()
                #expect(server.received == expected)
            }
        }
    }
}
