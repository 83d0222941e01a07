import Glibc
import NIOCore
import NIOPosix
import Telefax
import WorkerProtocol

/// A person at a telephone: speech in RTP, and none of a fax machine's tones.
struct Person: Sendable {
    private let channel: any Channel

    /// Takes a UDP port for media.
    static func pickUp(at address: String) async throws -> Person {
        let bootstrap = DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        return Person(channel: try await bootstrap.bind(host: address, port: 0).get())
    }

    /// The port.
    var port: UInt16 { UInt16(clamping: channel.localAddress?.port ?? 0) }

    /// Speaks until the task is cancelled. What the caller's machine says is not listened to.
    func speak(to session: AudioSession) async {
        guard let remote = try? SocketAddress(ipAddress: session.peerAddress, port: Int(session.peerPort)) else { return }
        var generator = SystemRandomNumberGenerator()
        var sender = RTPSender(law: session.codec == .pcmu ? .mu : .a, using: &generator)
        var time = 0
        while (try? await Task.sleep(for: .milliseconds(20))) != nil {
            let packet = sender.packet(for: Self.speech(from: time))
            time += Self.packet
            channel.writeAndFlush(AddressedEnvelope(remoteAddress: remote, data: ByteBuffer(bytes: packet)), promise: nil)
        }
    }

    func hangUp() async {
        try? await channel.close()
    }

    /// Samples of 20 ms, at 8,000 a second.
    private static let packet = 160

    /// Four syllables a second of a low voice with two formants.
    private static func speech(from start: Int) -> [Int16] {
        (start..<(start + packet)).map { sample in
            let seconds = Double(sample) / 8000
            let syllable = max(0, sin(2 * .pi * 4 * seconds))
            let voice = sin(2 * .pi * 130 * seconds) + 0.6 * sin(2 * .pi * 520 * seconds) + 0.3 * sin(2 * .pi * 1690 * seconds)
            return Int16(4000 * syllable * voice)
        }
    }
}
