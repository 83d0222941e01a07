import Glibc

/// Why a sink did not take records: a sentence for the operator, without secrets.
package struct AuditSinkError: Error, Hashable, CustomStringConvertible {
    package let description: String

    /// - Parameter description: what happened, where, and what to do.
    package init(_ description: String) {
        self.description = description
    }

    /// For a failed system call.
    init(_ operation: String, _ path: String, errno code: Int32) {
        description =
            switch code {
            case ENOSPC, EDQUOT, EFBIG: "\(operation) \(path) failed: no space is left (errno \(code)); make room on that volume"
            case EACCES, EPERM, EROFS: "\(operation) \(path) failed: no permission (errno \(code)); let the server's user write there"
            case ENOENT: "\(operation) \(path) failed: there is no such folder; make it or change the setting"
            case ELOOP: "\(operation) \(path) failed: it is a symbolic link; name the file itself"
            default: "\(operation) \(path) failed: errno \(code)"
            }
    }
}
