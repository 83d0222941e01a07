/// Why a trunk file cannot be used. It names the file, the trunk and the field; never a password.
package struct TrunkFileError: Error, Sendable, Equatable, CustomStringConvertible {
    package let path: String
    package let problem: String

    package var description: String { "FAXLOCK_TRUNKS_FILE \(path): \(problem)" }
}
