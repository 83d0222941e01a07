import Telefax
import Testing
import WorkerProtocol

@Suite struct T38AttributesTests {
    private func parse(_ lines: String...) -> T38Attributes {
        T38Attributes(
            lines: lines.map { line in
                let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                return (name: String(parts[0]), value: parts.count > 1 ? String(parts[1]) : nil)
            })
    }

    @Test func whatAsteriskSends() {
        let attributes = parse(
            "T38FaxVersion:0", "T38MaxBitRate:14400", "T38FaxRateManagement:transferredTCF", "T38FaxMaxDatagram:1400",
            "T38FaxUdpEC:t38UDPRedundancy")
        #expect(attributes == .offer)
    }

    @Test func namesHaveAliasesAndNoCase() {
        let attributes = parse(
            "t38faxversion:3", "T38FAXMAXRATE: 9600 ", "T38MaxDatagram:200", "t38FaxUDPEC:T38UDPFEC", "ptime:20")
        #expect(attributes.version == 3)
        #expect(attributes.maximumBitRate == 9600)
        #expect(attributes.maximumDatagram == 200)
        #expect(attributes.errorCorrection == .parity)
    }

    @Test func absentAttributesHaveDefaults() {
        let attributes = parse()
        #expect(attributes.version == 0)
        #expect(attributes.maximumBitRate == 14400)
        #expect(attributes.maximumDatagram == 400)
        #expect(attributes.errorCorrection == .none)
        #expect(attributes.rateManagement == .transferredTCF)
        #expect(attributes.maximumBuffer == nil)
    }

    @Test(
        arguments: [(nil, true), ("1", true), ("", true), ("0", false), (" 0", false), ("False", false)]
            as [(String?, Bool)])
    func booleansAreOnByPresenceOrByValue(value: String?, expected: Bool) {
        let attributes = T38Attributes(lines: [
            (name: "T38FaxFillBitRemoval", value: value), (name: "T38FaxTranscodingMMR", value: value),
            (name: "T38FaxTranscodingJBIG", value: value),
        ])
        #expect(attributes.fillBitRemoval == expected)
        #expect(attributes.transcodingMMR == expected)
        #expect(attributes.transcodingJBIG == expected)
    }

    @Test func nonsenseLeavesDefaults() {
        let attributes = parse(
            "T38FaxVersion:-1", "T38MaxBitRate:99999999999999999999", "T38FaxMaxDatagram:x", "T38FaxUdpEC:other",
            "T38FaxMaxBuffer:-5")
        #expect(attributes == T38Attributes())
    }

    @Test(arguments: [(1, 80), (72, 80), (150, 150), (400, 400), (65535, 1400)])
    func datagramLimitsAreMadeSane(said: Int, taken: Int) {
        #expect(parse("T38FaxMaxDatagram:\(said)").maximumDatagram == taken)
    }

    @Test func linesReadBack() {
        var attributes = T38Attributes.offer
        attributes.maximumBuffer = 1800
        attributes.fillBitRemoval = true
        attributes.rateManagement = .localTCF
        attributes.errorCorrection = .parity
        #expect(T38Attributes(lines: attributes.lines) == attributes)
        #expect(T38Attributes(lines: T38Attributes.offer.lines) == .offer)
    }

    @Test func answerTakesTheLowerOfBoth() {
        let answer = T38Attributes.answer(
            to: parse("T38FaxVersion:3", "T38MaxBitRate:9600", "T38FaxRateManagement:localTCF", "T38FaxTranscodingMMR"))
        #expect(answer.version == 0)
        #expect(answer.maximumBitRate == 9600)
        #expect(answer.rateManagement == .localTCF)
        #expect(answer.errorCorrection == .none)
        #expect(answer.transcodingMMR == false)
        #expect(T38Attributes.answer(to: parse("T38MaxBitRate:33600", "T38FaxUdpEC:t38UDPFEC")).maximumBitRate == 14400)
        #expect(T38Attributes.answer(to: parse("T38FaxUdpEC:t38UDPFEC")).errorCorrection == .parity)
        #expect(T38Attributes.answer(to: parse("T38FaxUdpEC:t38UDPRedundancy")).errorCorrection == .redundancy)
    }

    @Test func sessionOfOfferAndAnswer() {
        let peer = parse("T38FaxVersion:1", "T38FaxMaxDatagram:300", "T38FaxMaxBuffer:200", "T38FaxUdpEC:t38UDPRedundancy")
        let session = T38Attributes.session(own: .offer, peer: peer, address: "192.0.2.7", port: 4000)
        #expect(
            session
                == T38Session(
                    peerAddress: "192.0.2.7", peerPort: 4000, version: 0, maximumBitRate: 14400, maximumDatagram: 300,
                    maximumBuffer: 200, redundancy: 5))
        #expect(T38Attributes.session(own: .offer, peer: parse(), address: "192.0.2.7", port: 1).redundancy == 0)
        let parity = parse("T38FaxUdpEC:t38UDPFEC")
        #expect(T38Attributes.session(own: .offer, peer: parity, address: "192.0.2.7", port: 1).isParity)
        #expect(!T38Attributes.session(own: .offer, peer: peer, address: "192.0.2.7", port: 1).isParity)
        #expect(!T38Attributes.session(own: parse(), peer: parity, address: "192.0.2.7", port: 1).isParity)
    }
}
