import Glibc

/// Shows how a fax comes along: one line that changes on a terminal, a line for each step elsewhere.
final class ProgressLine {
    private let isQuiet: Bool
    private let isTerminal: Bool
    /// Before each line, where several faxes are shown.
    private let label: String
    private var last = ""

    init(isQuiet: Bool, label: String = "") {
        self.isQuiet = isQuiet
        self.label = label
        // Several faxes share a terminal: one line would be overwritten by the others.
        isTerminal = label.isEmpty && isatty(STDOUT_FILENO) == 1
    }

    func show(_ fax: RemoteFax) {
        let text = label + Self.describe(fax)
        guard !isQuiet, text != last else { return }
        last = text
        if isTerminal {
            print("\r\u{1B}[K\(text)", terminator: "")
            fflush(nil)
        } else {
            print(text)
        }
    }

    func end() {
        if !isQuiet, isTerminal, !last.isEmpty { print("") }
    }

    private static func describe(_ fax: RemoteFax) -> String {
        let attempt = fax.attempts?.last
        let pages = fax.pages ?? 0
        switch fax.state {
        case "accepted": return "accepted"
        case "rendering": return "rendering"
        case "queued":
            let again =
                fax.dials ?? 0 > 0 ? ", next call not before \(fax.next_attempt_at ?? "-") (\(fax.error ?? "call \(fax.dials ?? 0)"))" : ""
            return "queued, \(pages) page\(pages == 1 ? "" : "s")\(again)"
        case "scheduled": return "scheduled for \(fax.send_at ?? fax.next_attempt_at ?? "later"), \(pages) page\(pages == 1 ? "" : "s")"
        case "held": return "held: \(fax.error ?? fax.hold ?? "a person must release it")"
        case "sending":
            guard let attempt, attempt.started_at != nil else { return "dialling" }
            guard let rate = attempt.bit_rate else { return "connected, negotiating" }
            let mode = "\(rate) bit/s\(attempt.error_correction == true ? ", error correction" : "")"
            let current = min(fax.pages_confirmed + 1, pages)
            return "\(bar(fax.pages_confirmed, of: pages)) page \(current) of \(pages), \(fax.pages_confirmed) confirmed, \(mode)"
        default: return "\(bar(fax.pages_confirmed, of: pages)) \(fax.state), \(fax.pages_confirmed) of \(pages) pages confirmed"
        }
    }

    private static func bar(_ done: Int, of all: Int) -> String {
        let width = 20
        let filled = all == 0 ? 0 : done * width / all
        return "[" + String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled) + "]"
    }
}
