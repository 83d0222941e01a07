import GRDB
import Vault

extension Error {
    /// Whether the disk has no room for a blob or the database (ENOSPC, EDQUOT, SQLITE_FULL).
    package var isStorageFull: Bool {
        if let error = self as? GroupCommit.TransactionLost { return error.cause.isStorageFull }
        if let error = self as? DatabaseError { return error.resultCode == .SQLITE_FULL }
        if case .noSpace = self as? BlobError { return true }
        return false
    }
}
