import Glibc
import Ledger
import Testing

/// verify_ledger.py: the ledger's format, implemented by somebody else.
enum PythonVerifier {
    static let interpreter = getenv("FAXLOCK_TEST_PYTHON").map { String(cString: $0) }
    static let reason: Comment = "FAXLOCK_TEST_PYTHON names no Python that has the package cryptography"

    /// Whether it finds an export, or evidence, valid. It must have said so itself: a crash of the script is an error.
    static func verify(_ arguments: String..., key: VerifierKey, in folder: TemporaryFolder) throws -> Bool {
        let python = try #require(interpreter)
        var script = #filePath
        script.removeSubrange(try #require(script.lastIndex(of: "/"))...)
        let command = ["'\(python)' '\(script)/verify_ledger.py' --key '\(key)'"] + arguments.map { "'\($0)'" }
        let status = system(command.joined(separator: " ") + " > '\(folder.path)/said' 2>&1")
        let said = String(decoding: try folder.read("said"), as: UTF8.self)
        let isValid = said.hasPrefix(#"{"valid": true"#)
        try #require(isValid || said.hasPrefix(#"{"valid": false"#), "\(said)")
        #expect((status == 0) == isValid)
        return isValid
    }
}
