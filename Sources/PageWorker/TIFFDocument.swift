import CPango
import CTIFF
import FaxModel
import Glibc
import WorkerProtocol

/// A TIFF file of any number of pages, decoded by libtiff in this process.
struct TIFFDocument {
    let descriptor: Int32
    let job: PageJob

    func render(into emitter: inout PageEmitter) throws(PageFailure) {
        TIFFSetErrorHandler(nil)
        TIFFSetWarningHandler(nil)
        // libtiff closes the descriptor that it is given. "m": read, do not map.
        guard let file = TIFFFdOpen(dup(descriptor), "document", "rm") else {
            throw PageFailure(code: .broken, message: "The document is damaged.")
        }
        defer { TIFFClose(file) }
        var page = 0
        repeat {
            // Reduced copies and masks are no pages.
            guard faxlock_tiff_count(file, UInt32(TIFFTAG_SUBFILETYPE)) & 5 == 0 else { continue }
            page += 1
            Confinement.allow(seconds: job.secondsPerPage)
            try render(file, page: page, into: &emitter)
        } while TIFFReadDirectory(file) == 1
        guard page > 0 else { throw PageFailure(code: .empty, message: "The document has no pages.") }
    }

    private func render(_ file: OpaquePointer, page: Int, into emitter: inout PageEmitter) throws(PageFailure) {
        let width = Int(faxlock_tiff_count(file, UInt32(TIFFTAG_IMAGEWIDTH)))
        let height = Int(faxlock_tiff_count(file, UInt32(TIFFTAG_IMAGELENGTH)))
        let unit =
            switch Int32(faxlock_tiff_short(file, UInt32(TIFFTAG_RESOLUTIONUNIT))) {
            case RESUNIT_INCH: 1.0
            case RESUNIT_CENTIMETER: 2.54
            default: 0.0
            }
        let turned = faxlock_tiff_short(file, UInt32(TIFFTAG_ORIENTATION)) > 4
        let across = Double(faxlock_tiff_real(file, UInt32(TIFFTAG_XRESOLUTION))) * unit
        let down = Double(faxlock_tiff_real(file, UInt32(TIFFTAG_YRESOLUTION))) * unit
        let size = try ImageSize(
            width: width, height: height, dotsPerInchAcross: across.isFinite ? across : 0,
            dotsPerInchDown: down.isFinite ? down : 0, page: page)
        // Cairo's pictures end here.
        guard width <= 32_767, height <= 32_767 else {
            throw PageFailure(code: .tooComplex, message: "Page \(page) is too large.", page: page)
        }
        guard let raster = malloc(width * height * 4)?.bindMemory(to: UInt32.self, capacity: width * height) else {
            throw RasterPage.noMemory(page)
        }
        defer { free(raster) }
        // Its orientation is applied only by mirroring; files that are turned by a quarter are shown as they are
        // stored.
        let orientation = turned ? Int32(faxlock_tiff_short(file, UInt32(TIFFTAG_ORIENTATION))) : ORIENTATION_TOPLEFT
        guard TIFFReadRGBAImageOriented(file, UInt32(width), UInt32(height), raster, orientation, 1) == 1 else {
            throw PageFailure(code: .broken, message: "Page \(page) is damaged.", page: page)
        }
        // libtiff has red in the low byte, Cairo blue.
        for index in 0..<(width * height) {
            let colour = raster[index]
            raster[index] = colour & 0xFF00_FF00 | (colour & 0xFF) << 16 | colour >> 16 & 0xFF
        }
        let bytes = UnsafeMutableRawPointer(raster).assumingMemoryBound(to: UInt8.self)
        guard
            let picture = cairo_image_surface_create_for_data(
                bytes, CAIRO_FORMAT_ARGB32, Int32(width), Int32(height), Int32(width * 4))
        else { throw RasterPage.noMemory(page) }
        defer { cairo_surface_destroy(picture) }
        guard cairo_surface_status(picture) == CAIRO_STATUS_SUCCESS else { throw RasterPage.noMemory(page) }
        try RasterPage.emit(picture, size: size, page: page, into: &emitter)
    }
}
