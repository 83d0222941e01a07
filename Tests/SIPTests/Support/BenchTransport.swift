import NIOCore
import SIP

/// A transport without a network: tests put datagrams in and look at what comes out.
final class BenchTransport: SIPTransport {
    let kind = SIPTransportKind.udp
    let localAddress: SocketAddress
    let arrivals: AsyncStream<SIPTransportEvent>
    let peer: SocketAddress
    private let input: AsyncStream<SIPTransportEvent>.Continuation
    private let output: AsyncStream<SIPMessage>
    private let outputContinuation: AsyncStream<SIPMessage>.Continuation

    init() throws {
        localAddress = try SocketAddress(ipAddress: "192.0.2.20", port: 5060)
        peer = try SocketAddress(ipAddress: "192.0.2.10", port: 5099)
        (arrivals, input) = AsyncStream.makeStream()
        (output, outputContinuation) = AsyncStream.makeStream()
    }

    func send(_ bytes: [UInt8], to flow: SIPFlow) {
        if let message = try? SIPParser().parse(bytes) {
            outputContinuation.yield(message)
        } else if let status = Int(String(decoding: bytes.dropFirst(8).prefix(3), as: UTF8.self)) {
            // The answer to what could not be read has header fields that cannot be read either.
            outputContinuation.yield(.response(SIPResponse(status: status, reason: "")))
        }
    }

    func close() async {
        input.finish()
        outputContinuation.finish()
    }

    func put(_ bytes: [UInt8], from source: SocketAddress? = nil) {
        input.yield(.message(SIPDatagram(bytes: bytes, flow: SIPFlow(kind: .udp, remote: source ?? peer))))
    }

    func put(_ text: String, from source: SocketAddress? = nil) { put(SampleMessages.message(text), from: source) }

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
