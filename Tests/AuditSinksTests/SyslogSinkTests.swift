import AuditSinks
import FaxModel
import Foundation
import Glibc
import Logging
import Testing

/// Against a real rsyslogd with TLS.
@Suite(.enabled(if: Rsyslog.isPossible, "needs the packages rsyslog, rsyslog-openssl and openssl"))
struct SyslogSinkTests {
    private func sink(_ port: Int, _ tls: SyslogTLS) -> SyslogSink {
        SyslogSink(endpoint: SyslogEndpoint(host: "127.0.0.1", port: port), tls: tls, formatter: .sample(.json), host: "fax1")
    }

    /// A running rsyslogd, ended whatever happens.
    private func withRsyslog(
        client: String? = nil, hasAddress: Bool = true, _ body: (TemporaryFolder, ThrowawayCertificates, Rsyslog) async throws -> Void
    ) async throws {
        try await TemporaryFolder.with { folder in
            let certificates = try await ThrowawayCertificates(in: folder, hasAddress: hasAddress)
            let rsyslog = try await Rsyslog.start(in: folder, certificates: certificates, client: client)
            do {
                try await body(folder, certificates, rsyslog)
            } catch {
                try await rsyslog.process.end(by: SIGKILL)
                throw error
            }
            try await rsyslog.process.end(by: SIGTERM)
        }
    }

    private func messages(_ folder: TemporaryFolder, _ name: String = "out") -> [String] {
        folder.lines(name).map { String($0.split(separator: "|", maxSplits: 7, omittingEmptySubsequences: false).last ?? "") }
    }

    /// Compares long lists and shows the first difference only.
    private func expectSame(_ received: [String], _ expected: [String]) throws {
        #expect(received.count == expected.count)
        let different = zip(received, expected).first { $0 != $1 }
        if let different { Issue.record("received \(different.0.prefix(400)), expected \(different.1.prefix(400))") }
    }

    @Test func everythingArrivesExactlyAndInOrder() async throws {
        try await withRsyslog { folder, certificates, rsyslog in
            let long = SampleRecords.leaf(200, details: #"{"n":"\#(String(repeating: "x", count: 60_000))"}"#)
            let records = SampleRecords.ledger(200, checkpointEvery: 64) + [long]
            let sink = sink(rsyslog.port, SyslogTLS(authorities: certificates.authority))
            for start in stride(from: 0, to: records.count, by: 50) {
                try await sink.deliver(Array(records[start..<min(start + 50, records.count)]))
            }
            await sink.close()
            let expected = records.map { AuditFormatter.sample(.json).text($0) }
            #expect(expected.count == 204)
            let lines = try await eventually("all lines") { folder.lines("out").count >= 204 ? folder.lines("out") : nil }
            try expectSame(messages(folder), expected)
            #expect(
                lines[0].hasPrefix(
                    #"110|2026-11-22T08:30:00.123Z|fax1|faxlock|\#(getpid())|content.released|[faxlock@32473 seq="0" "#
                        + #"origin="fax.example/ledger" outcome="success" actor="key" object="fax/0193"]|{"v":1,"seq":0,"#))
        }
    }

    @Test func anotherAuthorityIsRefused() async throws {
        try await withRsyslog { folder, certificates, rsyslog in
            let sink = sink(rsyslog.port, SyslogTLS(authorities: certificates.otherAuthority))
            let error = await #expect(throws: AuditSinkError.self) { try await sink.deliver([SampleRecords.leaf(0)]) }
            #expect(error?.description.contains("not of a trusted authority") == true, "\(error?.description ?? "")")
            let right = SyslogTLS(authorities: certificates.authority)
            try await expectNothingBefore(SampleRecords.leaf(1), folder, right, rsyslog)
        }
    }

    @Test func anotherNameIsRefused() async throws {
        try await withRsyslog(hasAddress: false) { folder, certificates, rsyslog in
            // Without a name the address must be in the certificate, which this one has not.
            for name in ["other.example.org", "example.org", nil] {
                let tls = SyslogTLS(authorities: certificates.authority, serverName: name)
                let sink = sink(rsyslog.port, tls)
                let error = await #expect(throws: AuditSinkError.self) { try await sink.deliver([SampleRecords.leaf(0)]) }
                #expect(error?.description.contains("for another name") == true, "\(error?.description ?? "")")
            }
            let right = SyslogTLS(authorities: certificates.authority, serverName: "logs.example.org")
            try await expectNothingBefore(SampleRecords.leaf(1), folder, right, rsyslog)
        }
    }

    /// Delivers a record that is good, whose arrival shows that nothing came before it.
    private func expectNothingBefore(
        _ record: AuditRecord, _ folder: TemporaryFolder, _ right: SyslogTLS, _ rsyslog: Rsyslog
    ) async throws {
        try await sink(rsyslog.port, right).deliver([record])
        let first = try await eventually("a record") { messages(folder).first }
        #expect(first == AuditFormatter.sample(.json).text(record))
    }

    @Test func aServerThatAsksForACertificateGetsIt() async throws {
        try await withRsyslog(client: "fax.example.org") { folder, certificates, rsyslog in
            let without = sink(rsyslog.port, SyslogTLS(authorities: certificates.authority))
            await #expect(throws: AuditSinkError.self) { try await without.deliver([SampleRecords.leaf(0)]) }
            let client = SyslogTLS.ClientCertificate(chain: certificates.client.chain, key: certificates.client.key)
            let with = sink(rsyslog.port, SyslogTLS(authorities: certificates.authority, client: client))
            try await with.deliver([SampleRecords.leaf(1)])
            let first = try await eventually("the record") { messages(folder).first }
            #expect(first == AuditFormatter.sample(.json).text(SampleRecords.leaf(1)))
        }
    }

    @Test func aServerThatIsAwayIsAnError() async throws {
        let sink = sink(1, SyslogTLS())
        let error = await #expect(throws: AuditSinkError.self) { try await sink.deliver([SampleRecords.leaf(0)]) }
        #expect(error?.description.contains("127.0.0.1:1") == true)
        let unreadable = self.sink(1, SyslogTLS(authorities: "/nonexistent/ca.pem"))
        let second = await #expect(throws: AuditSinkError.self) { try await unreadable.deliver([]) }
        #expect(second?.description.contains("/nonexistent/ca.pem") == true)
    }

    /// Killed without warning while events come, and back later: none is missing, and the first copies are in order.
    @Test func nothingIsLostWhenTheServerIsKilledAndComesBack() async throws {
        try await TemporaryFolder.with { folder in
            let certificates = try await ThrowawayCertificates(in: folder)
            var rsyslog = try await Rsyslog.start(in: folder, certificates: certificates)
            let ledger = MemoryLedger(SampleRecords.ledger(200, checkpointEvery: 64))
            var timing = SinkTiming()
            timing.batch = 7
            timing.poll = .milliseconds(20)
            timing.firstPause = .milliseconds(20)
            timing.longestPause = .milliseconds(40)
            let pump = SinkPump(
                sink(rsyslog.port, SyslogTLS(authorities: certificates.authority)), from: .start, source: ledger.source, timing: timing,
                now: { Timestamp(milliseconds: 0) }, logger: Logger(label: "test"))
            ledger.publish(upTo: 80)
            async let running: Void = pump.run()
            do {
                _ = try await eventually("half of it") { folder.lines("out").count >= 40 ? true : nil }
                try await rsyslog.process.end(by: SIGKILL)
                // Some of these go into a connection that is dead.
                ledger.publish(upTo: .max)
                pump.wake()
                _ = try await eventually("the pump sees it") { await pump.status.lastError }
                // Another file: the last line of the first may be torn.
                rsyslog = try await Rsyslog.start(in: folder, certificates: certificates, port: rsyslog.port, output: "later")
                let expected = ledger.records.map { AuditFormatter.sample(.json).text($0) }
                let received = try await eventually("all of it") {
                    let received = messages(folder) + messages(folder, "later")
                    return Set(received).isSuperset(of: expected) ? received : nil
                }
                var seen = Set<String>()
                try expectSame(received.filter { seen.insert($0).inserted }, expected)
                _ = try await eventually("the pump is well") { await pump.status.lastError == nil ? true : nil }
            } catch {
                Issue.record(error)
            }
            await pump.stop()
            await running
            try await rsyslog.process.end(by: SIGKILL)
            #expect(ledger.saved == SinkPosition(sequence: 199, checkpointSize: 192))
        }
    }
}
