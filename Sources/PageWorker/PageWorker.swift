import FaxModel
import FoundationEssentials
import Glibc
import WorkerProtocol

/// `faxlock-page`: one document in on descriptor 0, fax pages out on descriptor 1, then the process is gone.
///
/// Whatever a document does to a decoder, it does it here: without privileges, within limits of time and memory, away
/// from keys.
@main
enum PageWorker {
    static func main() {
        guard CommandLine.arguments.count == 2,
            let job = try? JSONDecoder().decode(PageJob.self, from: Data(CommandLine.arguments[1].utf8)),
            Confinement.enter(for: job)
        else { exit(64) }
        var emitter = PageEmitter(resolution: job.resolution, maximumPages: job.maximumPages)
        let event: PageEvent
        do throws(PageFailure) {
            try pages(of: job, into: &emitter)
            event = .finished(pages: emitter.count)
        } catch {
            event = .failed(error)
        }
        guard let payload = try? JSONEncoder().encode(event) else { exit(70) }
        FrameOutput.write(Frame(kind: .message, payload: Array(payload)))
        exit(0)
    }

    private static func pages(of job: PageJob, into emitter: inout PageEmitter) throws(PageFailure) {
        switch job.format {
        case .pdf:
            try PDFDocument(descriptor: 0, job: job).render(into: &emitter)
        case .jpeg:
            try PDFDocument(descriptor: try JPEGDocument(descriptor: 0).wrapped(), job: job).render(into: &emitter)
        case .png:
            try PNGDocument(descriptor: 0, job: job).render(into: &emitter)
        case .tiff:
            try TIFFDocument(descriptor: 0, job: job).render(into: &emitter)
        case .text:
            try TextDocument(descriptor: 0, job: job).render(into: &emitter)
        }
    }
}
