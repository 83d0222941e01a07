import FaxModel
import Testing
import WorkerProtocol

@testable import Backends

@Suite struct MediaPolicyTests {
    @Test func `a call's mode narrows what the line may carry`() {
        var policy = MediaPolicy()
        policy.maximumBitRate = 9600
        #expect(policy.limited(to: .rung(0)).takesT38)
        #expect(policy.limited(to: .rung(0)).maximumBitRate == 9600)
        #expect(!policy.limited(to: .rung(2)).takesT38)
        #expect(policy.limited(to: .rung(2)).errorCorrection)
        #expect(!policy.limited(to: .rung(4)).errorCorrection)
        policy.errorCorrection = false
        #expect(!policy.limited(to: .rung(0)).errorCorrection)
        // Where audio carries no fax, T.38 stays.
        #expect(MediaPolicy.loopback.limited(to: .rung(2)).takesT38)
    }

    @Test func `in a call of audio only, T.38 is neither offered nor taken`() throws {
        var random = SeededRandom(seed: 7)
        var far = LegMedia(address: "127.0.0.1", port: 4000, random: &random)
        var near = LegMedia(address: "127.0.0.1", port: 5000, policy: MediaPolicy().limited(to: .rung(2)), random: &random)
        #expect(near.answer(to: far.t38Offer()) == nil)
        #expect(near.answer(to: far.audioOffer())?.audio != nil)
    }
}
