import FaxModel
import Foundation
import GRDB
import Ledger
import Store
import Synchronization
import Testing
import Vault

@testable import FaxDispatch

@Suite struct RetentionRunnerTests {
    private struct Stop: Error {}

    private static let day = Duration.seconds(86_400)

    private func runner(
        _ house: TestHouse, days: Int = 0, inbound: Int = 0, onSuccess: Bool = false, zero: Bool = false,
        pause: @escaping @Sendable (Duration) async throws -> Void = { _ in throw CancellationError() },
        at: @escaping @Sendable (RetentionRunner.Step) async throws -> Void = { _ in }
    ) -> RetentionRunner {
        RetentionRunner(
            documents: house.documents,
            rules: RetentionRules(retentionDays: days, inboundRetentionDays: inbound, deletesOnSuccess: onSuccess, hasZeroRetention: zero),
            interval: .seconds(60), clock: house.clock.function, logger: house.logger, pause: pause, at: at)
    }

    /// A sent fax that is finished now.
    @discardableResult
    private func finish(_ number: Int, _ state: FaxState = .delivered, mailbox: String = Mailbox.main, in house: TestHouse) async throws
        -> FaxID
    {
        let document = try await house.seal(Array("letter \(number)".utf8), .upload)
        var random = SeededRandom(seed: UInt64(number))
        let fax = FaxRecord(
            id: FaxID(now: house.clock.now, using: &random), mailbox: mailbox, state: state, owner: "k",
            number: try #require(PhoneNumber("+15551230100")), backend: "line", format: "text", resolution: .fine, paper: "letter",
            document: document.id, createdAt: house.clock.now, updatedAt: house.clock.now)
        try await house.store.accept(fax, document: document, by: .system)
        return fax.id
    }

    @discardableResult
    private func receive(_ number: Int, in house: TestHouse) async throws -> FaxID {
        let document = try await house.seal(Array("received \(number)".utf8), .received)
        var random = SeededRandom(seed: UInt64(1000 + number))
        let fax = InboundRecord(
            id: FaxID(now: house.clock.now, using: &random), status: "received", backend: "line", reference: "in-\(number)",
            to: "+15551230100",
            from: "", remoteIdentifier: "", pages: 1, document: document.id, bitRate: 14_400, errorCorrection: true,
            createdAt: house.clock.now, receivedAt: house.clock.now)
        try await house.store.receive(fax, document: document)
        return fax.id
    }

    private func shredded(_ house: TestHouse) async throws -> Set<String> {
        Set(
            try await house.read(
                "SELECT id FROM faxes WHERE shredded_at IS NOT NULL UNION ALL SELECT id FROM inbound WHERE shredded_at IS NOT NULL"))
    }

    @Test func `a run destroys what is due, and counts it`() async throws {
        try await TestHouse.with { house in
            let old = try await finish(1, in: house)
            let failed = try await finish(2, .failed, in: house)
            let received = try await receive(3, in: house)
            house.clock.advance(by: Self.day * 20)
            let young = try await finish(4, in: house)
            let unknown = try await finish(5, .unknown, in: house)
            house.clock.advance(by: Self.day * 25)
            let report = try await runner(house, days: 30, inbound: 40).run(by: .system)
            // The first month is over, and nothing is left in it.
            #expect(report == .init(faxes: 3, documents: 3, files: 3, epochs: 1))
            #expect(try await shredded(house) == [old.text, failed.text, received.text])
            #expect(try house.blobs().count == 2)
            house.clock.advance(by: Self.day * 400)
            // The unknown one was sealed in the same month, whose key stays.
            let later = try await runner(house, days: 30, inbound: 40).run(by: .system)
            #expect(later == .init(faxes: 1, documents: 1, files: 1, epochs: 0))
            #expect(try await !shredded(house).contains(unknown.text))
            #expect(try await shredded(house).contains(young.text))
        }
    }

    @Test func `a mailbox's rules go before the server's`() async throws {
        try await TestHouse.with { house in
            for mailbox in [
                Mailbox(id: "keeps", retentionDays: 0), Mailbox(id: "week", retentionDays: 7),
                Mailbox(id: "atonce", deletesOnSuccess: true),
            ] {
                try await house.store.save(mailbox, numbers: nil, by: .system)
            }
            try await finish(1, mailbox: "keeps", in: house)
            let week = try await finish(2, mailbox: "week", in: house)
            let atOnce = try await finish(3, mailbox: "atonce", in: house)
            let main = try await finish(4, in: house)
            let run = runner(house, days: 30)
            _ = try await run.run(by: .system)
            #expect(try await shredded(house) == [atOnce.text])
            house.clock.advance(by: Self.day * 7)
            _ = try await run.run(by: .system)
            #expect(try await shredded(house) == [atOnce.text, week.text])
            house.clock.advance(by: Self.day * 3000)
            _ = try await run.run(by: .system)
            #expect(try await shredded(house) == [atOnce.text, week.text, main.text])
        }
    }

    @Test func `more than a batch is destroyed in one run, and held ones do not stand in the way`() async throws {
        try await TestHouse.with { house in
            let reason = try #require(AccessReason("legal:CASE-7F"))
            for number in 1...110 {
                let id = try await finish(number, in: house)
                if number <= 3 { _ = try await house.store.placeHold(on: id, reason: reason, by: .system) }
                house.clock.advance(by: .seconds(1))
            }
            house.clock.advance(by: Self.day)
            #expect(try await runner(house, days: 1).run(by: .system).faxes == 107)
            #expect(try await house.store.holds().count == 3)
            #expect(try house.blobs().count == 3)
        }
    }

    // MARK: Stops

    @Test(arguments: RetentionRunner.Step.allCases, [1, 2])
    func `a run that is cut at any step is finished by the next start, and nothing happens twice`(
        step: RetentionRunner.Step, time: Int
    ) async throws {
        try await TestHouse.with { house in
            for number in 1...3 { try await finish(number, in: house) }
            let kept = try await finish(4, .unknown, in: house)
            house.clock.advance(by: Self.day * 70)
            // The month of the first three has the fourth in it; that of these is then empty.
            for number in 5...6 { try await finish(number, in: house) }
            house.clock.advance(by: Self.day * 70)
            let seen = Mutex(0)
            let cut = runner(
                house, days: 1,
                at: { reached in
                    guard reached == step else { return }
                    let count = seen.withLock { count in
                        count += 1
                        return count
                    }
                    if count == time { throw Stop() }
                })
            if time == 1 || [.shredded, .fileRemoved].contains(step) {
                await #expect(throws: Stop.self) { _ = try await cut.run(by: .system) }
            } else {
                _ = try await cut.run(by: .system)
            }
            let next = try await house.restarted()
            defer { try? next.store.close() }
            _ = try await runner(next, days: 1).run(by: .system)

            #expect(try await shredded(next).count == 5)
            #expect(try next.blobs().count == 1)
            let left = try await next.documents.open(try await next.fax(kept).document).read(upTo: 100)
            #expect(left == Array("letter 4".utf8))
            let certificates = try await next.read("SELECT object FROM ledger WHERE action = 'document.shredded'")
            #expect(certificates.count == 5 && Set(certificates).count == 5)
            #expect(try await next.read("SELECT object FROM ledger WHERE action = 'epoch.destroyed'").count == 1)
            #expect(try await next.read("SELECT id FROM documents WHERE shredded_at IS NOT NULL AND removed_at IS NULL").isEmpty)
            #expect(try await runner(next, days: 1).run(by: .system) == .init())
            #expect(try await IntegrityCheck(documents: next.documents).run(by: .system).problems == [])
        }
    }

    @Test func `a file that cannot be removed does not keep the others, and is tried again`() async throws {
        try await TestHouse.with { house in
            for number in 1...3 { try await finish(number, in: house) }
            let file = try #require(try house.blobs().first)
            let path = house.path + "/blobs/" + file
            // A folder of that name: no user can unlink it.
            try FileManager.default.removeItem(atPath: path)
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            await #expect(throws: BlobError.self) { _ = try await runner(house, onSuccess: true).run(by: .system) }
            #expect(try await shredded(house).count == 3)
            #expect(try house.blobs().isEmpty)
            try FileManager.default.removeItem(atPath: path)
            #expect(try await runner(house, onSuccess: true).run(by: .system).files == 1)
        }
    }

    @Test func `damaged rows keep nothing else, and the run says so at its end`() async throws {
        try await TestHouse.with { house in
            // More than a batch, the oldest first; each of these is one that could stop all.
            for number in 1...105 {
                let id = try await finish(number, in: house)
                try await house.execute("UPDATE documents SET kind = 'what' WHERE id = (SELECT document FROM faxes WHERE id = '\(id)')")
                house.clock.advance(by: .seconds(1))
            }
            let whole = try await finish(200, in: house)
            let received = try await receive(201, in: house)
            house.clock.advance(by: Self.day * 2)
            await #expect {
                _ = try await runner(house, days: 1, inbound: 1).run(by: .system)
            } throws: {
                if case StoreFailure.damagedRow("documents", _) = $0 { true } else { false }
            }
            #expect(try await shredded(house) == [whole.text, received.text])
            #expect(try house.blobs().count == 105)
        }
    }

    @Test func `a fax whose id is damaged keeps no other`() async throws {
        try await TestHouse.with { house in
            let damaged = try await finish(1, in: house)
            let whole = try await finish(2, in: house)
            try await house.execute("UPDATE faxes SET id = '?' WHERE id = '\(damaged)'")
            await #expect(throws: StoreFailure.self) { _ = try await runner(house, onSuccess: true).run(by: .system) }
            #expect(try await shredded(house) == [whole.text])
        }
    }

    // MARK: The write-ahead log

    private func logSize(_ house: TestHouse) throws -> Int {
        try #require(
            try URL(fileURLWithPath: house.path + "/faxlock.db-wal").resourceValues(forKeys: [.fileSizeKey]).fileSize)
    }

    /// Somebody who reads the database while `body` runs.
    private func whileRead(_ house: TestHouse, _ body: () async throws -> Void) async throws {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let reader = try DatabaseQueue(path: house.path + "/faxlock.db", configuration: configuration)
        try await reader.writeWithoutTransaction { database in
            try database.execute(sql: "BEGIN")
            _ = try Int.fetchOne(database, sql: "SELECT count(*) FROM faxes")
        }
        try await body()
        try await reader.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
        try reader.close()
    }

    @Test func `a log that could not be emptied is emptied by the next run, though it destroys nothing`() async throws {
        try await TestHouse.with { house in
            try await finish(1, in: house)
            let run = runner(house, onSuccess: true)
            try await whileRead(house) {
                let report = try await run.run(by: .system)
                #expect(report.faxes == 1 && !report.isLogEmptied)
                #expect(try await !run.run(by: .system).isLogEmptied)
            }
            #expect(try logSize(house) > 0)
            #expect(try await run.run(by: .system) == .init())
            #expect(try logSize(house) == 0)
        }
    }

    @Test func `a fax that is destroyed on request leaves no log`() async throws {
        try await TestHouse.with { house in
            let run = runner(house)
            _ = try await run.run(by: .system)
            let first = try await finish(1, in: house)
            #expect(try logSize(house) > 0)
            #expect(try await run.shred(first, by: .system) == .done(documents: 1, epochs: 0))
            #expect(try logSize(house) == 0)
            #expect(try house.blobs().isEmpty)
            let second = try await finish(2, in: house)
            try await whileRead(house) { _ = try await run.shred(second, by: .system) }
            #expect(try logSize(house) > 0)
            #expect(try await run.shred(second, by: .system) == .alreadyDone)
            #expect(try logSize(house) == 0)
        }
    }

    @Test func `a start empties the log of a stop`() async throws {
        try await TestHouse.with { house in
            try await finish(1, in: house)
            let cut = runner(house, onSuccess: true, at: { if $0 == .done { throw Stop() } })
            await #expect(throws: Stop.self) { _ = try await cut.run(by: .system) }
            #expect(try logSize(house) > 0)
            let next = try await house.restarted()
            defer { try? next.store.close() }
            #expect(try await runner(next, onSuccess: true).run(by: .system) == .init())
            #expect(try logSize(next) == 0)
        }
    }

    // MARK: By itself

    @Test func `a delivered fax is destroyed as soon as its attempt has ended, with a key of its own`() async throws {
        try await TestHouse.with { house in
            let documents = Documents(
                store: house.store, folder: try await BlobFolder.open(at: house.path + "/blobs", tenant: .single), hasZeroRetention: true)
            let (stream, done) = AsyncStream.makeStream(of: Void.self)
            let retention = RetentionRunner(
                documents: documents,
                rules: RetentionRules(retentionDays: 0, inboundRetentionDays: 0, deletesOnSuccess: false, hasZeroRetention: true),
                interval: .seconds(3600), clock: house.clock.function, logger: house.logger,
                pause: { _ in try await Task.sleep(for: .seconds(3600)) }, at: { if $0 == .done { done.yield() } })
            let running = Task { await retention.runUntilCancelled() }
            var runs = stream.makeAsyncIterator()
            await runs.next()
            let writer = try await documents.create(.upload)
            try await writer.append(Array("letter".utf8))
            let upload = try await writer.finish()
            var random = SeededRandom(seed: 1)
            let fax = FaxRecord(
                id: FaxID(now: house.clock.now, using: &random), state: .delivered, owner: "k",
                number: try #require(PhoneNumber("+15551230100")), backend: "line", format: "text", resolution: .fine, paper: "letter",
                document: upload.id, createdAt: house.clock.now, updatedAt: house.clock.now)
            try await house.store.accept(fax, document: upload, by: .system)
            retention.wake()
            await runs.next()
            #expect(try house.blobs().isEmpty)
            #expect(try await house.read("SELECT object FROM ledger WHERE action = 'epoch.destroyed'") == ["epoch/\(upload.epoch)"])
            running.cancel()
            await running.value
        }
    }

    @Test func `it runs at the start and at each interval`() async throws {
        try await TestHouse.with { house in
            let first = try await finish(1, in: house)
            house.clock.advance(by: Self.day)
            let (stream, done) = AsyncStream.makeStream(of: Void.self)
            let (ticks, tick) = AsyncStream.makeStream(of: Void.self)
            let waiting = runner(
                house, days: 1,
                pause: { duration in
                    #expect(duration == .seconds(60))
                    for await _ in ticks { return }
                    throw CancellationError()
                }, at: { if $0 == .done { done.yield() } })
            let running = Task { await waiting.runUntilCancelled() }
            var runs = stream.makeAsyncIterator()
            await runs.next()
            #expect(try await shredded(house) == [first.text])
            let second = try await finish(2, in: house)
            house.clock.advance(by: Self.day)
            tick.yield()
            await runs.next()
            #expect(try await shredded(house) == [first.text, second.text])
            running.cancel()
            await running.value
        }
    }

    // MARK: Twenty years

    /// 45 CFR 164.316(b)(2): from whatever day it counts, nothing goes before its day, and nothing due stays beyond the next run.
    @Test(arguments: [1, 2, 3] as [UInt64]) func `over twenty years nothing goes early and nothing stays`(seed: UInt64) async throws {
        try await TestHouse.with { house in
            var random = SeededRandom(seed: seed)
            let (days, inbound) = (Int.random(in: 1...2192, using: &random), Int.random(in: 1...2192, using: &random))
            let run = runner(house, days: days, inbound: inbound)
            var due: [String: Timestamp] = [:]
            let states = RetentionRules.finished + [.unknown]
            var kept: Set<String> = []
            let end = house.clock.now.advanced(by: Self.day * 20 * 365)
            var number = 0
            while house.clock.now < end {
                // Any moment of any day; months, leap days and years pass by themselves.
                house.clock.advance(by: .milliseconds(Int.random(in: 1...86_400_000 * 40, using: &random)))
                number += 1
                let state = try #require(states.randomElement(using: &random))
                if Bool.random(using: &random) {
                    due[try await receive(number, in: house).text] = house.clock.now.advanced(by: Self.day * inbound)
                } else {
                    let id = try await finish(number, state, in: house).text
                    if state == .unknown { kept.insert(id) } else { due[id] = house.clock.now.advanced(by: Self.day * days) }
                }
                // Now and then exactly at a day, and a millisecond before.
                if let next = due.values.filter({ $0 > house.clock.now }).min(), Int.random(in: 0...9, using: &random) == 0 {
                    house.clock.advance(by: .milliseconds(next.milliseconds - house.clock.now.milliseconds - 1))
                    _ = try await run.run(by: .system)
                    #expect(try await shredded(house) == Set(due.filter { $0.value <= house.clock.now }.keys))
                    house.clock.advance(by: .milliseconds(1))
                }
                _ = try await run.run(by: .system)
                let now = house.clock.now
                #expect(try await shredded(house) == Set(due.filter { $0.value <= now }.keys))
            }
            #expect(number > 80 && !kept.isEmpty)
            #expect(try house.blobs().count == kept.count + due.values.filter { $0 > house.clock.now }.count)
            // No month goes while something is sealed in it.
            for id in kept {
                let fax = try await house.fax(try #require(FaxID(id)))
                _ = try await house.documents.open(fax.document)
            }
            #expect(try await IntegrityCheck(documents: house.documents).run(by: .system).problems == [])
        }
    }
}
