import Foundation
import Subprocess
import Testing

extension EndToEnd {
    /// A stolen disk tells nothing.
    @Suite struct AtRestTests {
        private static let number = "+15551230147"
        private static let marker = "Zebrawood"

        @Test func nothingIsInTheClearOnDiskOrInTheLog() async throws {
            try await TemporaryFolder.with { folder in
                // The scanner finds what it looks for.
                try folder.write(Array("x\(Self.marker)x".utf8), to: "control")
                #expect(try Self.clearText(in: folder.path) == ["\(folder.path)/control: \(Self.marker)"])
                try FileManager.default.removeItem(atPath: "\(folder.path)/control")

                let server = try await ServerProcess.start(folder)
                do {
                    for document in [
                        SampleDocuments.text("\(Self.marker) in a letter"),
                        SampleDocuments.pdf(pages: 1) { _ in ["\(Self.marker) in a PDF"] },
                        try TemporaryFolder.read(BuiltProducts.tests + "/Fixtures/scan.tif"),
                    ] {
                        let accepted = try await server.client.send(document, to: Self.number)
                        #expect(try await server.client.end(of: accepted.id).status == "SUCCESS")
                        _ = try await server.client.receivedFax(of: accepted.id)
                    }
                } catch {
                    try await server.kill()
                    throw error
                }
                // As a power cut leaves it, write-ahead log and all.
                try await server.kill()
                #expect(try Self.clearText(in: server.dataFolder) == [])
                #expect(try Self.openToOthers(server.dataFolder) == [])

                let second = try await ServerProcess.start(folder)
                #expect(try await second.terminate() == .exited(0))
                #expect(try Self.clearText(in: server.dataFolder) == [])
                #expect(try Self.openToOthers(server.dataFolder) == [])
                let log = server.log
                #expect(log.contains("dialling"))
                #expect(!log.contains("5551230147") && !log.contains(Self.marker) && !log.contains(ServerProcess.key))
            }
        }

        /// What the files below `folder` hold in the clear, by file.
        /// - Parameter more: further texts to look for.
        static func clearText(in folder: String, and more: [String] = []) throws -> [String] {
            let patterns: [(String, [UInt8])] =
                [
                    ("PDF", Array("%PDF".utf8)), ("TIFF", [0x49, 0x49, 0x2A, 0]), ("TIFF", [0x4D, 0x4D, 0, 0x2A]),
                    ("the number", Array("5551230147".utf8)), ("the sender's number", Array("5551230199".utf8)),
                    ("the sender", Array("Quillfeather".utf8)), (marker, Array(marker.utf8)), ("the key", Array(ServerProcess.key.utf8)),
                ] + more.map { ($0, Array($0.utf8)) }
            var found: [String] = []
            for file in try entries(folder) where !file.isFolder {
                let bytes = Data(try TemporaryFolder.read(file.path))
                for (name, pattern) in patterns where bytes.range(of: Data(pattern)) != nil { found.append("\(file.path): \(name)") }
            }
            return found
        }

        /// Entries that others than the owner have any right on.
        private static func openToOthers(_ folder: String) throws -> [String] {
            let found = try entries(folder)
            #expect(found.contains { $0.path.hasSuffix("faxlock.db") } && found.contains { $0.path.contains("/blobs/") })
            return found.filter { $0.mode != ($0.isFolder ? 0o700 : 0o600) }.map { "\($0.path) \(String($0.mode, radix: 8))" }
        }

        private static func entries(_ folder: String) throws -> [(path: String, isFolder: Bool, mode: Int)] {
            let files = FileManager.default
            return try ([folder] + files.subpathsOfDirectory(atPath: folder).map { "\(folder)/\($0)" }).map { path in
                let attributes = try files.attributesOfItem(atPath: path)
                let mode = try #require(attributes[.posixPermissions] as? NSNumber).intValue
                return (path, attributes[.type] as? FileAttributeType == .typeDirectory, mode)
            }
        }
    }
}
