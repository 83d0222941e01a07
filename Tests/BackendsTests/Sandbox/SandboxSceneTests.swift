import FaxModel
import Testing

@testable import Backends

@Suite struct SandboxSceneTests {
    @Test(
        arguments: [
            ("+15005550002", .busy), ("15005550016", .dropsFirstPage), ("+15005550000", .delivered), ("+15005559999", .delivered),
            ("+15005550116", .delivered),
        ] as [(String, SandboxScene)])
    func `a number has its scene`(number: String, scene: SandboxScene) throws {
        #expect(SandboxScene(number: try #require(PhoneNumber(number))) == scene)
    }

    @Test(arguments: ["5005550002", "+150055500020", "+25005550002", "+15551230102", "+15005560002", "+1500555002"])
    func `other numbers have none`(number: String) throws {
        #expect(SandboxScene(number: try #require(PhoneNumber(number))) == nil)
    }

    @Test func `page 3 is page 3 of the document`() {
        #expect(SandboxScene.dropsPageThree.farEnd(firstPage: 1) == .machine(FarMachine(droppedPage: 1)))
        #expect(SandboxScene.dropsPageThree.farEnd(firstPage: 3) == .machine(FarMachine()))
        #expect(SandboxScene.dropsPageTwo.farEnd(firstPage: 1) == .machine(FarMachine()))
    }
}
