import Glibc
import T30
import WorkerProtocol

/// Writes the call's record to the file that the gateway gave: a sender's only.
///
/// Each entry is in the file (fdatasync) when the call to write it returns; the line waits meanwhile. That is once a page, and once before a
/// document's last answer.
struct CallRecordWriter {
    private let descriptor: Int32
    private var count = 0
    private var isTransmitting = false
    private var askedPage: Int?
    /// An entry could not be written; what would come after it could not be read, so nothing does.
    private var isBroken = false

    /// - Parameter descriptor: open for writing, from its start.
    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Puts on record what the terminal is about to send.
    /// - Returns: false when that could not be written: then it must not be sent.
    mutating func follow(_ terminal: FaxTerminal) -> Bool {
        if terminal.hasTransmitted, !isTransmitting {
            guard write(.transmitting) else { return false }
            isTransmitting = true
        }
        if let page = terminal.askedPage, page != askedPage {
            guard write(.asked(page: page)) else { return false }
            askedPage = page
        }
        return true
    }

    /// The far end confirmed a page, counted in the file. If that cannot be written, the gateway still hears of it.
    mutating func confirm(page: Int) { _ = write(.confirmed(page: page)) }

    /// T.30 is over.
    mutating func end(code: Int, pages: Int) { _ = write(.ended(code: code, pages: pages)) }

    private mutating func write(_ entry: CallRecordEntry) -> Bool {
        guard !isBroken, count < CallRecordEntry.maximumCount else { return false }
        let bytes = entry.encoded(number: count)
        let written = pwrite(descriptor, bytes, bytes.count, count * CallRecordEntry.length)
        guard written == bytes.count, fdatasync(descriptor) == 0 else {
            isBroken = true
            return false
        }
        count += 1
        return true
    }
}
