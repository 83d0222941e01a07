import FoundationEssentials

/// Follows a fax until nothing changes any more without a person: by the server's event stream, else by asking again and again.
struct FaxFollower {
    let client: APIClient

    /// - Parameter show: gets the fax each time it has changed.
    /// - Returns: how it ended, and the server's answer that said so.
    func follow(_ id: String, show: (RemoteFax) -> Void) async throws -> (fax: RemoteFax, answer: [UInt8]) {
        var (fax, answer) = try await ask(id)
        show(fax)
        var last = ""
        var isStreaming = true
        while !fax.isOver {
            if isStreaming {
                do {
                    isStreaming = try await client.events("/fax/\(PathSegment.encode(id))/events", after: last) { event in
                        last = event.id
                        (fax, answer) = try await ask(id)
                        show(fax)
                        return !fax.isOver
                    }
                } catch let failure as CommandFailure {
                    throw failure
                } catch {
                    // The connection broke: the next one goes on where this one ended.
                }
            }
            guard !fax.isOver else { break }
            try await Task.sleep(for: .milliseconds(isStreaming ? 1000 : 250))
            (fax, answer) = try await ask(id)
            show(fax)
        }
        return (fax, answer)
    }

    private func ask(_ id: String) async throws -> (RemoteFax, [UInt8]) {
        let answer = try await client.call(.get, "/fax/\(PathSegment.encode(id))")
        return (try client.decode(RemoteFax.self, answer), answer)
    }
}
