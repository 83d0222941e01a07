import Foundation

/// Facts of `/proc`.
enum ProcessTable {
    struct Entry: Hashable {
        let id: Int32
        let name: String
    }

    /// All living processes of a session but its leader: what a server started, also after its death.
    static func members(ofSession session: Int32) -> [Entry] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0) }.compactMap { id in
            // "1234 (name) S parent group session ...", and a name may hold blanks and parentheses.
            guard id != session, let line = text("/proc/\(id)/stat"), let open = line.firstIndex(of: "("),
                let close = line.lastIndex(of: ")")
            else { return nil }
            let fields = line[line.index(after: close)...].split(separator: " ")
            guard fields.count > 3, fields[0] != "Z", Int32(fields[3]) == session else { return nil }
            return Entry(id: id, name: String(line[line.index(after: open)..<close]))
        }.sorted { $0.id < $1.id }
    }

    /// The most memory that a process ever had resident, bytes; 0 if it is gone.
    static func peakMemory(of id: Int32) -> Int {
        let line = text("/proc/\(id)/status")?.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return (line?.split(separator: " ").compactMap { Int($0) }.first ?? 0) << 10
    }

    /// What others on the machine can read of a process: its arguments and, with privileges, its environment.
    static func visibleText(of id: Int32) -> String {
        (text("/proc/\(id)/cmdline") ?? "") + "\n" + (text("/proc/\(id)/environ") ?? "")
    }

    private static func text(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }
}
