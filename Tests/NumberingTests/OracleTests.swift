import Dispatch
import Glibc
import Numbering
import Testing

/// numbering_cases.py: the PyPI package phonenumbers, from which the metadata were taken and whose program was not.
@Suite struct OracleTests {
    static let interpreter = getenv("FAXLOCK_TEST_PYTHON").map { String(cString: $0) }

    @Test(
        "Thousands of numbers, written in many ways, are to us what they are to libphonenumber",
        .enabled(if: interpreter != nil, "FAXLOCK_TEST_PYTHON names no Python that has the package phonenumbers"))
    func oracle() async throws {
        let python = try #require(Self.interpreter)
        var script = #filePath
        script.removeSubrange(try #require(script.lastIndex(of: "/"))...)
        let lines = try #require(await Self.lines(of: "'\(python)' '\(script)/numbering_cases.py' 20261122 6000"))
        #expect(lines.count > 10_000)
        var differences: [String] = []
        for line in lines {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            try #require(fields.count == 3, "\(line)")
            let ours = Self.ours(fields[1], region: fields[0])
            if ours != fields[2] { differences.append("\(fields[0]) \(fields[1]): \(ours), expected \(fields[2])") }
        }
        #expect(differences.isEmpty, "\(differences.count) of \(lines.count): \(differences.prefix(20).joined(separator: "\n"))")
    }

    private static func ours(_ text: String, region: String) -> String {
        guard let number = try? NumberPlan.world.parse(text, defaultRegion: region) else { return "-" }
        return [number.text, number.region ?? "-", number.kind.rawValue, number.extension ?? "-"].joined(separator: " ")
    }

    /// What a command prints, read on a thread that may wait; nil when it fails.
    @concurrent private static func lines(of command: String) async -> [Substring]? {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                guard let pipe = popen(command, "r") else { return continuation.resume(returning: nil) }
                var bytes: [UInt8] = []
                var buffer = [UInt8](repeating: 0, count: 65_536)
                while true {
                    let count = fread(&buffer, 1, buffer.count, pipe)
                    guard count > 0 else { break }
                    bytes += buffer[..<count]
                }
                let status = pclose(pipe)
                continuation.resume(returning: status == 0 ? String(decoding: bytes, as: UTF8.self).split(separator: "\n") : nil)
            }
        }
    }
}
