import AsyncHTTPClient
import FoundationEssentials
package import NIOCore
import NIOHTTP1

/// Fetches a JWK Set over HTTP.
package enum KeySetDownload {
    /// The longest answer that is read, in bytes.
    package static let longest = 262_144

    /// The body of the answer.
    ///
    /// Redirects are not followed: they would lead from the address that was checked to one that was not. Each download has a client
    /// of its own, as there is one in ten minutes.
    /// - Parameter timeout: for all of it.
    /// - Throws: ``KeySetFailure``.
    package static func bytes(from url: String, timeout: TimeAmount = .seconds(5)) async throws -> [UInt8] {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: timeout, read: timeout), decompression: .disabled)
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
        let result: Result<[UInt8], any Error>
        do {
            result = .success(try await bytes(from: url, client, timeout))
        } catch {
            result = .failure(error)
        }
        // The answer counts, not how the connection ended.
        try? await client.shutdown()
        return try result.get()
    }

    private static func bytes(from url: String, _ client: HTTPClient, _ timeout: TimeAmount) async throws -> [UInt8] {
        do {
            var request = HTTPClientRequest(url: url)
            request.headers.add(name: "Accept", value: "application/jwk-set+json, application/json")
            let response = try await client.execute(request, timeout: timeout)
            guard response.status == .ok else { throw KeySetFailure.status(response.status.code) }
            return Array(try await response.body.collect(upTo: longest).readableBytesView)
        } catch let failure as KeySetFailure {
            throw failure
        } catch is NIOTooManyBytesError {
            throw KeySetFailure.tooLarge
        } catch {
            throw KeySetFailure.unreachable(reason: String("\(error)".prefix(200)))
        }
    }
}
