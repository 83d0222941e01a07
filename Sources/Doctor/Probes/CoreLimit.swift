/// How large a core dump of a process may be, bytes, as /proc/PID/limits has it.
package struct CoreLimit: Sendable, Hashable {
    package var soft: String
    package var hard: String

    package init(soft: String, hard: String) {
        self.soft = soft
        self.hard = hard
    }

    /// Reads the text of /proc/PID/limits.
    package init?(limits: String) {
        let name = "Max core file size"
        guard let line = limits.split(separator: "\n").first(where: { $0.hasPrefix(name) }) else { return nil }
        let fields = line.dropFirst(name.count).split(separator: " ")
        guard fields.count >= 2 else { return nil }
        self.init(soft: String(fields[0]), hard: String(fields[1]))
    }

    /// Whether no page of memory gets out. A limit of 1 is better than 0, with which a handler on a pipe still gets everything (core(5)).
    var isSafe: Bool { ["0", "1"].contains(soft) && ["0", "1"].contains(hard) }
}
