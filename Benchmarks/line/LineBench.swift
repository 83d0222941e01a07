import Glibc

/// Drives `faxlock-line` processes over their protocol, as the gateway does:
///
///     line-bench fuzz FAXLOCK-LINE SESSIONS [SEED]     hostile T.38 against each of them; exit status 1 if one did what none may do
///     line-bench load FAXLOCK-LINE CALLS               paced calls from one to another at the same time; exit status 1 if one failed
@main
enum LineBench {
    static func main() {
        signal(SIGPIPE, SIG_IGN)
        let arguments = CommandLine.arguments.dropFirst()
        guard arguments.count >= 3, let count = Int(arguments[3]), count > 0 else { return usage() }
        do {
            switch arguments[1] {
            case "fuzz":
                var run = try FuzzRun(worker: arguments[2], sessions: count, seed: arguments.count > 3 ? UInt64(arguments[4]) ?? 1 : 1)
                exit(run.run() ? 0 : 1)
            case "load":
                var run = try LoadRun(worker: arguments[2], calls: count)
                exit(run.run() ? 0 : 1)
            default: usage()
            }
        } catch {
            print("\(error)")
            exit(1)
        }
    }

    private static func usage() {
        print("usage: line-bench fuzz FAXLOCK-LINE SESSIONS [SEED] | line-bench load FAXLOCK-LINE CALLS")
        exit(2)
    }
}
