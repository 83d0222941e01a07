import Glibc
import Vault

extension DiskFolder {
    /// Gives a file a second name, where the file system can; a file that is not there is fine.
    func link(_ name: String, as second: String) throws(BackupFailure) {
        guard Glibc.link("\(path)/\(name)", "\(path)/\(second)") != 0 else { return }
        guard [ENOENT, EPERM, EOPNOTSUPP, ENOSYS].contains(errno) else {
            throw BackupFailure("The linking", "\(path)/\(name)", errno: errno)
        }
    }

    /// Whether two names are one file.
    func isSameFile(_ one: String, _ other: String) throws(BackupFailure) -> Bool {
        var (first, second) = (stat(), stat())
        guard lstat("\(path)/\(one)", &first) == 0, lstat("\(path)/\(other)", &second) == 0 else {
            guard errno == ENOENT else { throw BackupFailure("The look-up", "\(path)/\(one)", errno: errno) }
            return false
        }
        return first.st_dev == second.st_dev && first.st_ino == second.st_ino
    }

    /// Overwrites a file with zeros and removes it. Where the file system writes in place, its bytes are gone from the disk; where it does
    /// not, or is full, the name is gone at least.
    func erase(_ name: String, size: Int) throws(BackupFailure) {
        let file = "\(path)/\(name)"
        let descriptor = open(file, O_WRONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw BackupFailure("The opening", file, errno: errno) }
        defer { close(descriptor) }
        let zeros = [UInt8](repeating: 0, count: size)
        if zeros.withUnsafeBytes({ calls.write(descriptor, $0) }) == 0 { _ = calls.sync(descriptor) }
        try remove(name)
    }
}
