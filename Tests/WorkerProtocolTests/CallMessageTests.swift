import FoundationEssentials
import Testing
import WorkerProtocol

@Suite struct CallMessageTests {
    @Test(
        arguments: [
            .start(CallSetup(isCaller: true, isSending: true, stationIdentifier: "+1 555 123 0100", firstPage: 3)),
            .record, .startT38(T38Session(peerAddress: "192.0.2.1", peerPort: 4000)), .hangUp,
        ] as [CallCommand])
    func commandsReadBack(command: CallCommand) throws {
        let json = try JSONEncoder().encode(command)
        #expect(try JSONDecoder().decode(CallCommand.self, from: json) == command)
    }

    @Test(
        arguments: [
            .ready(port: 65535),
            .negotiated(Negotiation(remoteIdentifier: "", bitRate: 14400, errorCorrection: true)),
            .page(PageReport(page: 0, bitRate: 14400, errorCorrection: true, badRows: 0, retries: 0)),
            .ended(
                CallEnd(code: 0, meaning: "", pages: 1, remoteIdentifier: "", bitRate: 14400, errorCorrection: true)),
        ] as [CallEvent])
    func eventsReadBack(event: CallEvent) throws {
        let json = try JSONEncoder().encode(event)
        #expect(try JSONDecoder().decode(CallEvent.self, from: json) == event)
    }

    @Test func foreignMessagesAreErrors() {
        for text in [
            "", "{}", "{\"start\":{}}", "{\"hangup\":{}}", "[1]", "{\"startT38\":{\"_0\":{\"peerPort\":70000}}}",
        ] {
            #expect(throws: (any Error).self) { try JSONDecoder().decode(CallCommand.self, from: Data(text.utf8)) }
        }
    }
}
