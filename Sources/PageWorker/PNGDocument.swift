import CPango
import FaxModel
import Glibc
import WorkerProtocol

/// A PNG file (ISO/IEC 15948), decoded by libpng behind Cairo in this process.
struct PNGDocument {
    let descriptor: Int32
    let job: PageJob

    func render(into emitter: inout PageEmitter) throws(PageFailure) {
        let size = try size()
        Confinement.allow(seconds: job.secondsPerPage)
        lseek(descriptor, 0, SEEK_SET)
        var descriptor = descriptor
        let picture = cairo_image_surface_create_from_png_stream(
            { closure, data, length in
                guard let closure, let data else { return CAIRO_STATUS_READ_ERROR }
                let descriptor = closure.load(as: Int32.self)
                var read = 0
                while read < Int(length) {
                    let count = Glibc.read(descriptor, data + read, Int(length) - read)
                    if count < 0 && errno == EINTR { continue }
                    guard count > 0 else { return CAIRO_STATUS_READ_ERROR }
                    read += count
                }
                return CAIRO_STATUS_SUCCESS
            }, &descriptor)
        guard let picture else { throw RasterPage.noMemory(1) }
        defer { cairo_surface_destroy(picture) }
        switch cairo_surface_status(picture) {
        case CAIRO_STATUS_SUCCESS:
            try RasterPage.emit(picture, size: size, page: 1, into: &emitter)
        case CAIRO_STATUS_NO_MEMORY:
            throw RasterPage.noMemory(1)
        default:
            throw PageFailure(code: .broken, message: "The picture is damaged.", page: 1)
        }
    }

    /// The size, from the chunks before the picture's data.
    private func size() throws(PageFailure) -> ImageSize {
        let document = DocumentBytes(descriptor: descriptor)
        let broken = PageFailure(code: .broken, message: "The picture is damaged.", page: 1)
        func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }
        let start = document.read(at: 0, length: 33)
        guard start.count == 33, start[12..<16].elementsEqual("IHDR".utf8) else { throw broken }
        let (width, height) = (number(start[16..<20]), number(start[20..<24]))
        var perInch = (across: 0.0, down: 0.0)
        var at = 33
        // A file has a few chunks before its data; one with thousands is not worth reading.
        for _ in 0..<1000 {
            let head = document.read(at: at, length: 17)
            guard head.count == 17, !head[4..<8].elementsEqual("IDAT".utf8) else { break }
            if head[4..<8].elementsEqual("pHYs".utf8), document.read(at: at + 16, length: 1) == [1] {
                perInch = (Double(number(head[8..<12])) * 0.0254, Double(number(head[12..<16])) * 0.0254)
            }
            at += 12 + number(head[0..<4])
        }
        return try ImageSize(
            width: width, height: height, dotsPerInchAcross: perInch.across, dotsPerInchDown: perInch.down, page: 1)
    }
}
