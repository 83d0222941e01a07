/// Why a key file cannot be used. The text is for the operator; it holds the path and never a byte of the key.
package enum KeyFileError: Error, Equatable, CustomStringConvertible {
    /// There is no such file.
    case missing(String)
    /// A file is there already; a key is never overwritten.
    case exists(String)
    /// Group or others have rights on it.
    case readableByOthers(String, mode: UInt32)
    /// It belongs neither to this process's user nor to root.
    case wrongOwner(String, user: UInt32)
    /// A folder, a device or a pipe.
    case notAFile(String)
    /// Not the first line and the one line of hex or base64 that a key file has.
    case malformed(String)
    /// The line holds another number of bytes than 32.
    case wrongLength(String, bytes: Int)
    /// The system refused an operation.
    case system(String, operation: String, errno: Int32)

    package var description: String {
        switch self {
        case .missing(let path): "the key file \(path) does not exist"
        case .exists(let path): "\(path) exists already; a key is never overwritten"
        case .readableByOthers(let path, let mode):
            "the key file \(path) has mode 0\(String(mode, radix: 8)): group and others must have no rights (chmod 600)"
        case .wrongOwner(let path, let user):
            "the key file \(path) belongs to user \(user): it must belong to the server's user or to root"
        case .notAFile(let path): "the key file \(path) is not a regular file"
        case .malformed(let path):
            "the key file \(path) must have two lines: '\(KeyEncryptionKey.firstLine)' and 32 bytes as hex or base64"
        case .wrongLength(let path, let bytes): "the key in \(path) has \(bytes) bytes, not 32"
        case .system(let path, let operation, let errno): "\(operation) of the key file \(path) failed: errno \(errno)"
        }
    }
}
