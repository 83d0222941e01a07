import Glibc

/// Looks at a process of this machine through /proc. Blocks for moments.
package struct ProcessProbe: Sendable {
    package let id: Int32

    package init(id: Int32) {
        self.id = id
    }

    /// Clock ticks between the machine's start and the process'; nil when there is no such process.
    package var startedTicks: UInt64? {
        guard let line = SmallFile.text("/proc/\(id)/stat"), let close = line.lastIndex(of: ")") else { return nil }
        let fields = line[line.index(after: close)...].split(separator: " ")
        // Field 22; the first after the name is field 3.
        return fields.count > 19 ? UInt64(fields[19]) : nil
    }

    /// Tells this run of the machine from others.
    package static var bootID: String? {
        SmallFile.text("/proc/sys/kernel/random/boot_id").map { String($0.prefix { $0 != "\n" }) }
    }

    package var coreLimit: Seen<CoreLimit> {
        guard let text = SmallFile.text("/proc/\(id)/limits"), let limit = CoreLimit(limits: text) else {
            return .unknown("/proc/\(id)/limits cannot be read; run the doctor as the server's user or root")
        }
        return .value(limit)
    }

    /// Sockets at which it can be reached.
    package var sockets: Seen<[BoundSocket]> {
        guard let stream = opendir("/proc/\(id)/fd") else {
            return .unknown("/proc/\(id)/fd cannot be read; run the doctor as the server's user or root")
        }
        defer { closedir(stream) }
        var inodes: Set<UInt64> = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            var target = [CChar](repeating: 0, count: 64)
            let count = readlink("/proc/\(id)/fd/\(name)", &target, target.count)
            guard count > 0 else { continue }
            let text = String(decoding: target[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if text.hasPrefix("socket:["), let inode = UInt64(text.dropFirst(8).dropLast()) { inodes.insert(inode) }
        }
        var found: [BoundSocket] = []
        for (table, kind) in [("tcp", BoundSocket.Kind.tcp), ("tcp6", .tcp), ("udp", .udp), ("udp6", .udp)] {
            guard let text = SmallFile.text("/proc/\(id)/net/\(table)", limit: 64 << 20) else {
                // A machine without IPv6 has no such table.
                if table.hasSuffix("6") { continue }
                return .unknown("/proc/\(id)/net/\(table) cannot be read")
            }
            found += BoundSocket.parse(text, kind: kind, inodes: inodes)
        }
        return .value(found)
    }

    /// Which of `names` have a value in the environment with which it was started. Values are not kept.
    package func environment(having names: Set<String>) -> Seen<[String]> {
        guard let bytes = SmallFile.bytes("/proc/\(id)/environ", limit: 4 << 20) else {
            return .unknown("/proc/\(id)/environ cannot be read; run the doctor as the server's user or root")
        }
        let found = bytes.split(separator: 0).compactMap { entry -> String? in
            guard let equals = entry.firstIndex(of: UInt8(ascii: "=")), equals + 1 < entry.endIndex else { return nil }
            let name = String(decoding: entry[..<equals], as: UTF8.self)
            return names.contains(name) ? name : nil
        }
        return .value(found.sorted())
    }
}
