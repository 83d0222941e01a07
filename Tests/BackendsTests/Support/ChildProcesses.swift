import Foundation
import Glibc

/// The processes that this one started, from `/proc`.
enum ChildProcesses {
    /// - Parameter name: of the executable as it was started, cut by the kernel after 15 bytes.
    static func named(_ name: String) -> [pid_t] {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return entries.compactMap { pid_t($0) }.filter { process in
            // pid (name) state parent ...
            guard let data = FileManager.default.contents(atPath: "/proc/\(process)/stat") else { return false }
            let text = String(decoding: data, as: UTF8.self)
            guard let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")") else { return false }
            let fields = text[text.index(after: close)...].split(separator: " ")
            return text[text.index(after: open)..<close] == name && fields.count > 1 && pid_t(fields[1]) == getpid()
        }
    }
}
