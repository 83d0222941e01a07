import NIOCore
import SIP

/// A transport without a network: tests put datagrams in and look at what comes out.
final class BenchTransport: SIPTransport {
    let name = "UDP"
    let isReliable = false
    let localAddress: SocketAddress
    let datagrams: AsyncStream<SIPDatagram>
    let peer: SocketAddress
    private let input: AsyncStream<SIPDatagram>.Continuation
    private let output: AsyncStream<SIPMessage>
    private let outputContinuation: AsyncStream<SIPMessage>.Continuation

    init() throws {
        localAddress = try SocketAddress(ipAddress: "192.0.2.20", port: 5060)
        peer = try SocketAddress(ipAddress: "192.0.2.10", port: 5099)
        (datagrams, input) = AsyncStream.makeStream()
        (output, outputContinuation) = AsyncStream.makeStream()
    }

    func send(_ bytes: [UInt8], to address: SocketAddress) {
        if let message = try? SIPParser().parse(bytes) { outputContinuation.yield(message) }
    }

    func close() async {
        input.finish()
        outputContinuation.finish()
    }

    func put(_ bytes: [UInt8]) { input.yield(SIPDatagram(bytes: bytes, source: peer)) }

    func put(_ text: String) { put(SampleMessages.message(text)) }

    /// The next message that matches; others are passed over.
    func next(_ matches: (SIPMessage) -> Bool) async throws -> SIPMessage {
        for await message in output where matches(message) { return message }
        throw Unexpected()
    }

    func nextResponse() async throws -> SIPResponse {
        for await message in output {
            if case .response(let response) = message, response.status > 100 { return response }
        }
        throw Unexpected()
    }
}
