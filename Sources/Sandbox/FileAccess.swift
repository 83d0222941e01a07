import CProcess
import Glibc

/// What of the file system a process can still open (Landlock, Linux 5.13 and later). Descriptors that are open stay open; memory files have no
/// place in the file system and can always be opened. From Linux 6.12 on it can send no signal but to itself and what it starts either.
package enum FileAccess {
    /// Takes all access from this process and what it starts, but reading and executing beneath `readable`; and signals to others, where the
    /// kernel can.
    ///
    /// The process must have `no_new_privs`.
    /// - Parameter readable: folders or files; those that do not exist are left out.
    /// - Returns: false where the kernel has no Landlock: nothing is taken then.
    package static func restrict(toReading readable: [String] = []) -> Bool {
        let version = cprocess_landlock_version()
        guard version >= 1 else { return false }
        // Bits 0 to 12 are version 1; refer (13), truncate (14) and ioctl (15) came with 2, 3 and 5.
        let bits = version >= 5 ? 16 : version >= 3 ? 15 : version >= 2 ? 14 : 13
        let all = (UInt64(1) << bits) - 1
        // A renderer that takes too long is ended by its worker; the gateway is in no worker's domain.
        let ruleset = cprocess_landlock_create(all, version >= 6)
        guard ruleset >= 0 else { return false }
        defer { close(ruleset) }
        let (execute, readFile, readFolder) = (UInt64(1 << 0), UInt64(1 << 2), UInt64(1 << 3))
        for path in readable {
            let place = cprocess_open_place(path)
            guard place >= 0 else { continue }
            defer { close(place) }
            var facts = stat()
            guard fstat(place, &facts) == 0 else { continue }
            let isFolder = facts.st_mode & S_IFMT == S_IFDIR
            guard cprocess_landlock_allow(ruleset, place, execute | readFile | (isFolder ? readFolder : 0)) == 0 else { return false }
        }
        return cprocess_landlock_restrict(ruleset) == 0
    }
}
