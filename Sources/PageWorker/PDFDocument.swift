import FaxModel
import Glibc
import WorkerProtocol

/// A PDF, drawn in grey by the renderer at the very size of the fax page, so that the page's own dimensions cannot
/// matter.
struct PDFDocument {
    let descriptor: Int32
    let job: PageJob

    /// The most pages that one renderer draws: its memory grows with them.
    private static let pagesPerProcess = 100

    /// Draws all pages.
    func render(into emitter: inout PageEmitter) throws(PageFailure) {
        let probe = try DocumentProbe(descriptor: descriptor, job: job)
        var kinds: [Kind] = []
        for (index, page) in probe.pages.enumerated() {
            let geometry = try PageGeometry(
                wide: page.wide, tall: page.tall, resolution: job.resolution, page: index + 1)
            kinds.append(Kind(geometry: geometry, isColour: page.isCMYK))
        }
        var first = 0
        while first < kinds.count {
            // One process draws pages of one kind.
            let rest = kinds[first...].prefix(Self.pagesPerProcess)
            let pages = first..<(rest.firstIndex { $0 != kinds[first] } ?? rest.endIndex)
            try render(pages, as: kinds[first], into: &emitter)
            first = pages.upperBound
        }
    }

    /// What one process can draw one way.
    private struct Kind: Equatable {
        let geometry: PageGeometry
        let isColour: Bool
    }

    private func render(_ pages: Range<Int>, as kind: Kind, into emitter: inout PageEmitter) throws(PageFailure) {
        let geometry = kind.geometry
        let renderer = try RendererProcess(
            arguments: [
                "draw", "-q", "-a", "-D", "-N", "-F", kind.isColour ? "ppm" : "pgm", "-o", "-",
                "-c", kind.isColour ? "rgb" : "gray", "-R", geometry.isTurned ? "90" : "0",
                "-w", "\(geometry.width)", "-h", "\(geometry.rows)", "-f",
                "/proc/self/fd/0", "\(pages.lowerBound + 1)-\(pages.upperBound)",
            ],
            input: descriptor, secondsPerPage: job.secondsPerPage)
        var reader = GreyPageReader(geometry: geometry, isColour: kind.isColour)
        for index in pages {
            let page = index + 1
            renderer.beginPage()
            let isWhole: Bool
            do {
                isWhole = try reader.read(from: renderer)
            } catch {
                throw PageFailure(code: .tooComplex, message: "Page \(page) took too much time to draw.", page: page)
            }
            guard isWhole else {
                renderer.finish()
                throw renderer.failure(page: page)
            }
            guard !Self.lacksData(reader.diagnostics) else {
                throw PageFailure(
                    code: .broken, message: "Page \(page) is damaged: a part of it is missing.", page: page)
            }
            let hasComplaints = !reader.diagnostics.isEmpty
            let isWritten = try emitter.emit(reader.grey, rows: geometry.rows) { () throws(PageFailure) in
                // A picture that could not be decoded leaves a white page and a success.
                guard hasComplaints else { return true }
                return try DocumentProbe.isBlank(page: page, descriptor: descriptor, job: job)
            }
            guard isWritten else {
                throw PageFailure(
                    code: .broken, message: "Page \(page) is damaged: nothing of it can be drawn.", page: page)
            }
        }
        guard renderer.finish() else { throw renderer.failure(page: pages.upperBound) }
    }

    /// Whether the renderer says that data ended too early. It draws what there is, and calls the page done.
    private static func lacksData(_ diagnostics: [UInt8]) -> Bool {
        guard !diagnostics.isEmpty else { return false }
        return ["padding truncated image", "treating as end of file", "Premature end of JPEG"]
            .contains { RendererProcess.says($0, in: diagnostics) }
    }
}
