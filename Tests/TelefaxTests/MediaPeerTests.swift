import Telefax
import Testing

/// Whose media is taken.
@Suite struct MediaPeerTests {
    private struct Address: MediaAddress {
        let host: String
        let port: Int

        init(_ host: String, _ port: Int = 4000) { (self.host, self.port) = (host, port) }

        func isSameHost(as other: Address) -> Bool { host == other.host }
        var isPrivate: Bool { host.hasPrefix("private") }
    }

    @Test func withoutSymmetryOnlySDPsAddressIsTaken() {
        var peer = MediaPeer(signalled: Address("a"), isSymmetric: false)
        #expect(peer.accepts(from: Address("b"), isSound: true) == false)
        #expect(peer.accepts(from: Address("a", 4002), isSound: true) == false)
        #expect(peer.accepts(from: Address("a"), isSound: false) == true)
        #expect(peer.current == Address("a"))
        peer.signal(Address("b"))
        #expect(peer.accepts(from: Address("b"), isSound: true) == true)
        #expect(peer.accepts(from: Address("a"), isSound: true) == false)
    }

    @Test func anotherHostThanSDPsIsAStranger() {
        var peer = MediaPeer(signalled: Address("a"), isSymmetric: true)
        #expect(peer.accepts(from: Address("stranger"), isSound: true) == false)
        #expect(peer.current == Address("a"))
        #expect(peer.settled == nil)
        #expect(peer.accepts(from: Address("a"), isSound: true) == true)
        #expect(peer.accepts(from: Address("stranger"), isSound: true) == false)
        #expect(peer.settled == Address("a"))
    }

    @Test func theHostMaySendFromAnotherPort() {
        var peer = MediaPeer(signalled: Address("a"), isSymmetric: true)
        #expect(peer.accepts(from: Address("a", 5000), isSound: false) == false)
        #expect(peer.current == Address("a"))
        #expect(peer.accepts(from: Address("a", 5000), isSound: true) == true)
        #expect(peer.current == Address("a", 5000))
        #expect(peer.accepts(from: Address("a", 5000), isSound: false) == true)
        #expect(peer.accepts(from: Address("a", 6000), isSound: true) == false)
        // What SDP said is right after all.
        #expect(peer.accepts(from: Address("a"), isSound: true) == true)
        #expect(peer.current == Address("a"))
        #expect(peer.accepts(from: Address("a", 5000), isSound: true) == false)
    }

    @Test func behindNATItIsTheFirstThatIsSoundUnlessSDPsHostSendsToo() {
        var peer = MediaPeer(signalled: Address("private"), isSymmetric: true)
        #expect(peer.accepts(from: Address("b"), isSound: false) == false)
        #expect(peer.accepts(from: Address("b"), isSound: true) == true)
        #expect(peer.current == Address("b"))
        #expect(peer.accepts(from: Address("c"), isSound: true) == false)
        #expect(peer.accepts(from: Address("private", 5000), isSound: true) == true)
        #expect(peer.accepts(from: Address("b"), isSound: true) == false)
        #expect(peer.accepts(from: Address("private"), isSound: true) == true)
        #expect(peer.current == Address("private"))
    }

    @Test func earlierMediaTellsWhoIsBehindNAT() {
        var peer = MediaPeer(signalled: Address("private"), isSymmetric: true, earlier: Address("b"))
        #expect(peer.accepts(from: Address("stranger"), isSound: true) == false)
        #expect(peer.current == Address("private"))
        #expect(peer.accepts(from: Address("b", 5000), isSound: true) == true)
        #expect(peer.current == Address("b", 5000))
        #expect(peer.accepts(from: Address("stranger"), isSound: true) == false)
        // A host that SDP can be taken at its word for needs no such help.
        var other = MediaPeer(signalled: Address("a"), isSymmetric: true, earlier: Address("b"))
        #expect(other.accepts(from: Address("b"), isSound: true) == false)
    }

    @Test func aLaterSDPBeginsAnew() {
        var peer = MediaPeer(signalled: Address("a"), isSymmetric: true)
        #expect(peer.accepts(from: Address("a", 5000), isSound: true) == true)
        peer.signal(Address("a"))
        #expect(peer.current == Address("a", 5000), "a refresh with the same address")
        peer.signal(Address("d"))
        #expect(peer.current == Address("d"))
        #expect(peer.settled == nil)
        #expect(peer.accepts(from: Address("d"), isSound: true) == true)
        #expect(peer.accepts(from: Address("a", 5000), isSound: true) == false)
    }

    @Test func theHostIsSDPsOrTheOneThatWasHeard() {
        var peer = MediaPeer(signalled: Address("private"), isSymmetric: true)
        #expect(peer.isOfHost(Address("private", 1)))
        #expect(!peer.isOfHost(Address("b")))
        #expect(peer.accepts(from: Address("b"), isSound: true) == true)
        #expect(peer.isOfHost(Address("b", 1)))
        #expect(!peer.isOfHost(Address("c")))
    }
}
