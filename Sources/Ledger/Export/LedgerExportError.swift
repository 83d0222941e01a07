/// Why an export could not be written.
package enum LedgerExportError: Error, Hashable, CustomStringConvertible {
    /// The folder is there already: an export is never mixed with another.
    case folderExists(String)
    /// A call of the system failed.
    case failed(operation: String, path: String, number: Int32, message: String)
    /// The event is longer than the 65,535 bytes that tlog-tiles can hold.
    case leafTooLong(sequence: Int64)

    package var description: String {
        switch self {
        case .folderExists(let path): "\(path) is there already: export into a folder that is not."
        case .failed(let operation, let path, _, let message): "Cannot \(operation) \(path): \(message)."
        case .leafTooLong(let sequence): "Event \(sequence) of the ledger has more than 65,535 bytes and cannot be exported."
        }
    }
}
