/// The kinds of sealed files: snapshots and key bundles.
///
/// ```
/// offset  bytes  field
///      0      4  magic, "FXBS" or "FXBK"
///      4      1  version, 1
///      5      8  id of the backup key
///     13         the sealed stream (Cobblestone), to the end of the file
/// ```
/// The stream's context is `faxlock/1/<kind>/<name>`: a file that is renamed to another snapshot opens no more.
enum SealedKind: Sendable {
    case snapshot
    case keys

    static let version: UInt8 = 1
    static let headerLength = 13

    var magic: [UInt8] { Array((self == .snapshot ? "FXBS" : "FXBK").utf8) }
    var label: String { self == .snapshot ? "backup-snapshot" : "backup-keys" }

    func context(_ name: String) -> String { "faxlock/1/\(label)/\(name)" }
}
