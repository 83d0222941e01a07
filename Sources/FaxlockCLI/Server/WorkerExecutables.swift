import Glibc

/// The worker executables, which stand beside this one.
struct WorkerExecutables {
    let line: String
    let page: String

    /// - Throws: ``Server/Refusal`` when one is missing.
    init() throws {
        guard let own = realpath("/proc/self/exe", nil) else {
            throw Server.Refusal(message: "The path of this executable is not known (/proc is not mounted).")
        }
        defer { free(own) }
        let folder = String(cString: own).split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        line = folder + "/faxlock-line"
        page = folder + "/faxlock-page"
        for path in [line, page] where access(path, X_OK) != 0 {
            throw Server.Refusal(message: "The worker \(path) is missing. Install it beside faxlock (`make build` makes all three).")
        }
    }
}
