import Glibc

/// Whether a secret's file is for this process's user and root alone.
enum FileRights {
    /// - Throws: ``KeyFileError/notAFile(_:)``, ``KeyFileError/readableByOthers(_:mode:)``, ``KeyFileError/wrongOwner(_:user:)``.
    static func check(_ file: Int32, path: String) throws(KeyFileError) {
        var status = stat()
        guard fstat(file, &status) == 0 else { throw .system(path, operation: "stat", errno: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile(path) }
        guard status.st_uid == geteuid() || status.st_uid == 0 else { throw .wrongOwner(path, user: status.st_uid) }
        if status.st_mode & 0o077 == 0 { return }
        // With an access control list the mode's group bits are the list's mask, no right of the group: systemd's credentials look like
        // mode 0440 with one entry for the service's user.
        guard status.st_mode & 0o007 == 0, let list = accessControlList(of: file), isPrivate(list, user: geteuid()) else {
            throw .readableByOthers(path, mode: status.st_mode & 0o7777)
        }
    }

    /// Whether a list (`system.posix_acl_access`: version 2, then entries of tag, rights and id, little endian) gives rights to the owner,
    /// to `user` and to root, and to nobody else.
    static func isPrivate(_ list: [UInt8], user: uid_t) -> Bool {
        func number(at offset: Int, bytes: Int) -> UInt32 {
            (0..<bytes).reversed().reduce(0) { $0 << 8 | UInt32(list[offset + $1]) }
        }
        guard list.count >= 4, (list.count - 4) % 8 == 0, number(at: 0, bytes: 4) == 2 else { return false }
        return stride(from: 4, to: list.count, by: 8).allSatisfy { offset in
            let id = number(at: offset + 4, bytes: 4)
            return switch number(at: offset, bytes: 2) {
            // The owner; a named user; the mask, which gives nothing by itself.
            case 0x01, 0x10: true
            case 0x02: id == user || id == 0
            default: number(at: offset + 2, bytes: 2) == 0
            }
        }
    }

    /// Swift's Glibc module has no `fgetxattr`, so the function is looked up by name; a system without it has no such lists to accept.
    private static let readAttribute = dlsym(nil, "fgetxattr").map {
        unsafeBitCast($0, to: (@convention(c) (Int32, UnsafePointer<CChar>, UnsafeMutableRawPointer?, Int) -> Int).self)
    }

    private static func accessControlList(of file: Int32) -> [UInt8]? {
        guard let readAttribute else { return nil }
        var list = [UInt8](repeating: 0, count: 1024)
        let count = list.withUnsafeMutableBytes { readAttribute(file, "system.posix_acl_access", $0.baseAddress, $0.count) }
        return count > 0 ? Array(list.prefix(count)) : nil
    }
}
