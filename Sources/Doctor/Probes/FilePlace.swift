import Glibc

/// Where a file or folder lies, and whose it is.
package struct FilePlace: Sendable, Hashable {
    package let path: String
    /// `st_dev`: two files of one device are on one volume.
    package var device: UInt64
    package var owner: UInt32
    /// Permission bits.
    package var mode: UInt32
    /// As in /proc/self/mountinfo, `ext4` or `tmpfs`; empty if it is not known.
    package var fileSystem: String

    package init(path: String, device: UInt64, owner: UInt32, mode: UInt32, fileSystem: String) {
        self.path = path
        self.device = device
        self.owner = owner
        self.mode = mode
        self.fileSystem = fileSystem
    }

    /// Looks at a path. Blocks for a moment.
    package init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(
            path: path, device: UInt64(status.st_dev), owner: status.st_uid, mode: status.st_mode & 0o7777,
            fileSystem: Self.fileSystem(of: UInt64(status.st_dev), mounts: SmallFile.text("/proc/self/mountinfo") ?? ""))
    }

    /// Whether it is gone when the power is: a copy of a volume never has it.
    package var isVolatile: Bool { ["tmpfs", "ramfs"].contains(fileSystem) }

    /// Whether group or others have rights. A credential of systemd's has mode 0440 with an access control list that names the service's
    /// user alone; it lies in memory.
    package var isOpenToOthers: Bool { mode & 0o007 != 0 || mode & 0o070 != 0 && !isVolatile }

    var modeText: String { "0" + String(mode, radix: 8) }

    /// The type of the file system of a device (proc_pid_mountinfo(5)); empty if it is not in the list.
    static func fileSystem(of device: UInt64, mounts: String) -> String {
        // The encoding of glibc's makedev(3).
        let major = device >> 8 & 0xFFF | device >> 32 & ~0xFFF
        let minor = device & 0xFF | device >> 12 & ~0xFF
        for line in mounts.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 2, fields[2] == "\(major):\(minor)", let dash = fields.firstIndex(of: "-"), dash + 1 < fields.count else {
                continue
            }
            return String(fields[dash + 1])
        }
        return ""
    }
}
