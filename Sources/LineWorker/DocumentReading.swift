import FoundationEssentials
import Glibc
import T30
import WorkerProtocol

/// `faxlock-line read-document`: reads a fax TIFF from outside (descriptor 0), and hands its pages over (descriptor 1) as far as they can be
/// read. A file that crashes libtiff ends this process and nothing else.
enum DocumentReading {
    /// As in the gateway's end.
    static let argument = "read-document"
    private static let maximumPages = 10_000

    /// Exits with 0 when what can be read was handed over, with 1 when the gateway went away.
    static func run() -> Never {
        // libtiff's messages quote the file; nothing of it may reach a log.
        let nothing = open("/dev/null", O_WRONLY | O_CLOEXEC)
        if nothing >= 0 { dup2(nothing, 2) }
        ProcessConfinement.limitProcessorTime(forCallOf: 600)
        ProcessConfinement.seal()
        let document = ReceivedDocument(path: LineDocuments.toSend)
        var pages = 0
        while pages < maximumPages, let page = try? document.page(at: pages) {
            let payload = PagePayload.encode(page)
            guard payload.count <= Frame.maximumPayload else { break }
            guard write(Frame(kind: .page, payload: payload)) else { exit(1) }
            pages += 1
        }
        guard let end = try? JSONEncoder().encode(PageEvent.finished(pages: pages)) else { exit(1) }
        exit(write(Frame(kind: .message, payload: Array(end))) ? 0 : 1)
    }

    /// Waits until the gateway has taken all of it.
    private static func write(_ frame: Frame) -> Bool {
        let bytes = frame.encoded
        return bytes.withUnsafeBytes { buffer in
            var sent = 0
            while sent < buffer.count {
                let count = send(1, buffer.baseAddress?.advanced(by: sent), buffer.count - sent, Int32(MSG_NOSIGNAL))
                if count < 0 {
                    if errno == EINTR { continue }
                    return false
                }
                sent += count
            }
            return true
        }
    }
}
