import Glibc

/// Why a blob cannot be written or read. No case holds plaintext or key material.
package enum BlobError: Error, Equatable, CustomStringConvertible {
    /// The disk or the quota is full (ENOSPC, EDQUOT). Nothing of the blob is left.
    case noSpace(operation: String)
    /// The system refused an operation, as EIO of a failing disk. A blob being written is gone.
    case system(operation: String, errno: Int32)
    /// There is no such blob.
    case missing(BlobID)
    /// A blob of that name is there already; it is never overwritten.
    case exists(BlobID)
    /// The file is none of ours or its header is damaged.
    case malformed(BlobHeader.Failure)
    /// The file says that it is another blob.
    case foreign(found: BlobID)
    /// The sealed stream does not verify.
    case unverified(CobblestoneError)
    /// A read past the end of the plaintext.
    case outOfRange
    /// The writer was committed or aborted, or has failed, before.
    case closed

    /// The error for a failed system call.
    init(_ operation: String, errno code: Int32) {
        self =
            code == ENOSPC || code == EDQUOT
            ? .noSpace(operation: operation) : .system(operation: operation, errno: code)
    }

    package var description: String {
        switch self {
        case .noSpace(let operation): "no space left for a blob (\(operation))"
        case .system(let operation, let errno): "\(operation) of a blob failed: errno \(errno)"
        case .missing(let id): "blob \(id) does not exist"
        case .exists(let id): "blob \(id) exists already"
        case .malformed(let failure): "not a blob: \(failure)"
        case .foreign(let found): "the file holds blob \(found)"
        case .unverified(let error): "the blob does not verify: \(error)"
        case .outOfRange: "read past the end of a blob"
        case .closed: "the blob writer is closed"
        }
    }
}
