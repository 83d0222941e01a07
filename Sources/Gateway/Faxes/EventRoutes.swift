import FaxModel
import HTTPTypes
import Hummingbird
import Ledger
import NIOCore
import ServiceLifecycle
import Store
import Synchronization

/// What happened to a fax: as a list, or as a stream of Server-Sent Events that goes on while the fax does.
struct EventRoutes: Sendable {
    typealias Context = GatewayContext

    let authorisation: Authorisation
    let store: FaxStore
    /// Waits until a silent stream says that it is still there, and asks again whether its reader may read.
    let heartbeat: @Sendable () async throws -> Void
    let places = StreamPlaces()

    /// Events that are read at once.
    private static let batch = 200
    /// Seconds after which asking for a stream may help where there were too many.
    private static let retryAfter = 30

    func add(to router: Router<Context>) {
        router.get("/fax/{id}/events") { request, context in try await events(request, context) }
    }

    private func events(_ request: Request, _ context: Context) async throws -> Response {
        let access = FaxAccess(authorisation: authorisation, store: store)
        let (fax, principal) = try await access.readable(.faxRead, request, context)
        let isStream = request.headers[values: .accept].contains { $0.lowercased().contains("text/event-stream") }
        let last = try Self.last(request, isStream: isStream)
        guard isStream else {
            let events = try await store.events(of: fax.id, after: last, limit: try PageLimit.read(request))
            let list = "[" + events.map { EventDocument(event: $0).json }.joined(separator: ",") + "]"
            return Response(
                status: .ok, headers: [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: list)))
        }
        let place = try await place(for: principal, request, context)
        // Before the first look at the database: what is committed from here on is heard of.
        let changes = store.eventFeed.subscribe()
        return Response(
            status: .ok,
            // A proxy that collects the answer would make a list of the stream.
            headers: [.contentType: "text/event-stream", .cacheControl: "no-store", .accelBuffering: "no"],
            body: ResponseBody { writer in
                try await stream(fax.id, after: last, changes, to: &writer) {
                    try await authorisation.confirm(.faxRead, request, context).sees(fax)
                }
                // Who has read the end may ask for the next.
                place.giveBack()
                try await writer.finish(nil)
            })
    }

    /// - Throws: 429, recorded, when too many streams are open.
    private func place(for principal: Principal, _ request: Request, _ context: Context) async throws -> StreamPlaces.Place {
        do throws(StreamPlaces.Full) {
            return try places.take(for: principal.id)
        } catch {
            await authorisation.refusals.note(
                .rateLimited, .rateLimited, by: principal.initiator(request, context), object: "access", logger: context.logger)
            let sentence =
                switch error {
                case .owner(let most): "You have \(most) event streams open, which is the most. Close one, or read the events as a list."
                case .server: "The server has no place for another event stream. Try again later, or read the events as a list."
                }
            throw Problem(.tooManyRequests, sentence, retryAfter: Self.retryAfter)
        }
    }

    /// Whether a heartbeat is due. It is no signal among others: however many changes come, it is neither lost nor put off.
    private final class Beat: Sendable {
        private let isDue = Mutex(false)

        func set() { isDue.withLock { $0 = true } }

        func take() -> Bool {
            isDue.withLock { due in
                defer { due = false }
                return due
            }
        }
    }

    /// `@concurrent`, as the writer is: a caller's actor must not be left between two pieces.
    @concurrent
    private func stream(
        _ id: FaxID, after start: Int64, _ changes: AsyncStream<Void>, to writer: inout any ResponseBodyWriter,
        mayGoOn: @escaping @Sendable () async throws -> Bool
    ) async throws {
        let beat = Beat()
        let (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let listener = Task {
            for await _ in changes { signal.yield() }
        }
        let timer = Task {
            while true {
                try await heartbeat()
                beat.set()
                signal.yield()
            }
        }
        defer {
            listener.cancel()
            timer.cancel()
        }
        signal.yield()
        // A server that stops does not wait for those who listen: their next server tells them the rest.
        try await withGracefulShutdownHandler {
            try await write(id, after: start, on: signals, beat, to: &writer, mayGoOn: mayGoOn)
        } onGracefulShutdown: {
            signal.finish()
        }
    }

    @concurrent
    private func write(
        _ id: FaxID, after start: Int64, on signals: AsyncStream<Void>, _ beat: Beat, to writer: inout any ResponseBodyWriter,
        mayGoOn: @escaping @Sendable () async throws -> Bool
    ) async throws {
        var last = start
        var isFirst = true
        for await _ in signals {
            let isBeat = beat.take()
            if isBeat {
                // Access may have been taken away since (45 CFR 164.308(a)(3)(ii)(C)): then the stream ends.
                guard (try? await mayGoOn()) == true else { return }
                try await writer.write(ByteBuffer(string: ":\n\n"))
            }
            var events = try await store.events(of: id, after: last, limit: Self.batch)
            // Most changes are other faxes'.
            guard isFirst || isBeat || !events.isEmpty else { continue }
            isFirst = false
            var isOver = false
            repeat {
                if let newest = events.last {
                    try await writer.write(ByteBuffer(string: events.map { EventDocument(event: $0).streamed }.joined()))
                    last = newest.id
                }
                // Asked before each reading: when the state is the last one, the event that tells so has been read when nothing more comes.
                isOver = try await store.fax(id)?.state.isTerminal ?? true
                events = try await store.events(of: id, after: last, limit: Self.batch)
            } while !events.isEmpty
            if isOver { return }
        }
    }

    /// The event after which to begin: `Last-Event-ID` of a stream that was cut, or `after`.
    private static func last(_ request: Request, isStream: Bool) throws(Problem) -> Int64 {
        let header = isStream ? request.headers[.lastEventID].flatMap { $0.isEmpty ? nil : $0 } : nil
        guard let text = header ?? request.uri.queryParameters["after"].map({ String($0) }) else { return 0 }
        guard let id = Int64(text), id >= 0 else {
            throw Problem(.unprocessableContent, "Last-Event-ID, or the parameter \"after\", must be the id of an event.")
        }
        return id
    }
}
