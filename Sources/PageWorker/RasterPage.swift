import CPango
import FaxModel
import WorkerProtocol

/// A decoded picture on its way to a fax page: fitted by Cairo, on white paper, in grey.
enum RasterPage {
    /// Writes one page that shows `picture`, a Cairo image surface.
    static func emit(
        _ picture: OpaquePointer, size: ImageSize, page: Int, into emitter: inout PageEmitter
    ) throws(PageFailure) {
        let geometry = try PageGeometry(
            wide: size.wide, tall: size.tall, resolution: emitter.resolution, page: page, mayTurn: size.isTrue)
        guard let paper = cairo_image_surface_create(CAIRO_FORMAT_RGB24, Int32(Resolution.width), Int32(geometry.rows))
        else { throw noMemory(page) }
        defer { cairo_surface_destroy(paper) }
        draw(picture, on: paper, geometry: geometry)
        cairo_surface_flush(paper)
        guard cairo_surface_status(paper) == CAIRO_STATUS_SUCCESS, let data = cairo_image_surface_get_data(paper) else {
            throw noMemory(page)
        }
        let stride = Int(cairo_image_surface_get_stride(paper))
        var grey = [UInt8](repeating: 255, count: Resolution.width * geometry.rows)
        for row in 0..<geometry.rows {
            let words = UnsafeRawPointer(data + row * stride)
            for column in 0..<Resolution.width {
                let colour = words.load(fromByteOffset: column * 4, as: UInt32.self)
                // ITU-R BT.601 luma.
                let luma = (colour >> 16 & 255) * 77 + (colour >> 8 & 255) * 150 + (colour & 255) * 29
                grey[row * Resolution.width + column] = UInt8(truncatingIfNeeded: luma >> 8)
            }
        }
        var result: Result<Bool, PageFailure> = .success(true)
        grey.withUnsafeBytes { bytes in
            do throws(PageFailure) { result = .success(try emitter.emit(bytes, rows: geometry.rows)) } catch {
                result = .failure(error)
            }
        }
        _ = try result.get()
    }

    private static func draw(_ picture: OpaquePointer, on paper: OpaquePointer, geometry: PageGeometry) {
        let context = cairo_create(paper)
        defer { cairo_destroy(context) }
        cairo_set_source_rgb(context, 1, 1, 1)
        cairo_paint(context)
        let wide = Double(cairo_image_surface_get_width(picture))
        let tall = Double(cairo_image_surface_get_height(picture))
        cairo_translate(context, Double(geometry.margin), 0)
        if geometry.isTurned {
            cairo_translate(context, Double(geometry.width), 0)
            cairo_scale(context, Double(geometry.width) / tall, Double(geometry.rows) / wide)
            cairo_rotate(context, .pi / 2)
        } else {
            cairo_scale(context, Double(geometry.width) / wide, Double(geometry.rows) / tall)
        }
        cairo_set_source_surface(context, picture, 0, 0)
        let source = cairo_get_source(context)
        cairo_pattern_set_filter(source, CAIRO_FILTER_GOOD)
        cairo_pattern_set_extend(source, CAIRO_EXTEND_PAD)
        cairo_rectangle(context, 0, 0, wide, tall)
        cairo_fill(context)
    }

    static func noMemory(_ page: Int) -> PageFailure {
        PageFailure(code: .tooComplex, message: "Page \(page) needs too much memory.", page: page)
    }
}
