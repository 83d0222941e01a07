import CPango
import FaxModel
import WorkerProtocol

/// Sets text on fax pages with Pango: any script, wrapped between words, else between characters; right-to-left
/// paragraphs begin at the right.
///
/// One unit is a point of 1/72 inch; Cairo's matrix makes the fax's oblong picture elements of it.
final class Typesetter {
    /// The monospaced default, so that tables made with spaces keep their columns: 84 characters on a Letter line.
    private static let font = "DejaVu Sans Mono, Noto Sans Mono, monospace 10"
    /// White at the left and right, points.
    private static let sideMargin = 52.0
    /// White at the top and bottom, points.
    private static let endMargin = 48.0

    private let paper: OpaquePointer
    private let canvas: OpaquePointer
    private let layout: OpaquePointer
    private let rows: Int
    private let left: Double
    private let bottom: Double
    private var top = Typesetter.endMargin

    init(paper kind: PageJob.Paper, resolution: Resolution) throws(PageFailure) {
        let (wide, tall) = kind == .letter ? (612.0, 792.0) : (297 / 25.4 * 72 / 297 * 210, PageGeometry.usualLength)
        rows = Int((tall * resolution.linesPerInch / 72).rounded())
        left = Self.sideMargin - (wide - PageGeometry.faxWidth) / 2
        bottom = tall - Self.endMargin
        guard let paper = cairo_image_surface_create(CAIRO_FORMAT_A8, Int32(Resolution.width), Int32(rows)),
            cairo_surface_status(paper) == CAIRO_STATUS_SUCCESS, let canvas = cairo_create(paper),
            let map = pango_cairo_font_map_new(), let context = pango_font_map_create_context(map),
            let layout = pango_layout_new(context), let options = cairo_font_options_create(),
            let font = pango_font_description_from_string(Self.font)
        else { throw PageFailure(code: .renderer, message: "The typesetter could not be started.") }
        self.paper = paper
        self.canvas = canvas
        self.layout = layout
        pango_cairo_context_set_resolution(context, 72)
        // Letters are placed by their true widths: hints are for square picture elements.
        cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
        cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
        cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY)
        pango_cairo_context_set_font_options(context, options)
        pango_context_set_round_glyph_positions(context, 0)
        cairo_font_options_destroy(options)
        pango_layout_set_font_description(layout, font)
        pango_font_description_free(font)
        pango_layout_set_width(layout, Int32((wide - 2 * Self.sideMargin) * Double(PANGO_SCALE)))
        pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR)
        g_object_unref(UnsafeMutableRawPointer(context))
        g_object_unref(UnsafeMutableRawPointer(map))
        cairo_scale(canvas, Resolution.horizontalDotsPerInch / 72, resolution.linesPerInch / 72)
        cairo_set_source_rgba(canvas, 0, 0, 0, 1)
    }

    deinit {
        g_object_unref(UnsafeMutableRawPointer(layout))
        cairo_destroy(canvas)
        cairo_surface_destroy(paper)
    }

    /// Whether anything was set on the present page.
    var isPageBegun: Bool { top > Self.endMargin }

    /// Sets a paragraph, and emits each page that it fills.
    func set(_ paragraph: Paragraph, into emitter: inout PageEmitter) throws(PageFailure) {
        paragraph.text.withUnsafeBytes { text in
            pango_layout_set_text(layout, text.bindMemory(to: CChar.self).baseAddress, Int32(text.count))
        }
        if pango_layout_get_unknown_glyphs_count(layout) > 0 {
            throw ParagraphReader.missing(firstUnknown(), page: emitter.count + 1)
        }
        guard let iterator = pango_layout_get_iter(layout) else { return }
        defer { pango_layout_iter_free(iterator) }
        repeat {
            var box = PangoRectangle()
            pango_layout_iter_get_line_extents(iterator, nil, &box)
            let scale = Double(PANGO_SCALE)
            let height = Double(box.height) / scale
            if isPageBegun && top + height > bottom { try endPage(into: &emitter) }
            let ascent = Double(pango_layout_iter_get_baseline(iterator) - box.y) / scale
            cairo_move_to(canvas, left + Double(box.x) / scale, top + ascent)
            pango_cairo_show_layout_line(canvas, pango_layout_iter_get_line_readonly(iterator))
            top += height
        } while pango_layout_iter_next_line(iterator) != 0
    }

    /// Emits the present page and begins another one.
    func endPage(into emitter: inout PageEmitter) throws(PageFailure) {
        cairo_surface_flush(paper)
        guard cairo_status(canvas) == CAIRO_STATUS_SUCCESS, let data = cairo_image_surface_get_data(paper) else {
            throw RasterPage.noMemory(emitter.count + 1)
        }
        // Rows of 1,728 bytes need no padding. The surface counts ink, a page light.
        let ink = UnsafeMutableRawBufferPointer(start: data, count: rows * Int(cairo_image_surface_get_stride(paper)))
        for index in ink.indices { ink[index] = ~ink[index] }
        _ = try emitter.emit(UnsafeRawBufferPointer(ink), rows: rows)
        ink.initializeMemory(as: UInt8.self, repeating: 0)
        cairo_surface_mark_dirty(paper)
        top = Self.endMargin
    }

    /// The first character of the layout that no font has. Pango marks its glyph and keeps its number there.
    private func firstUnknown() -> UInt32 {
        let unknownFlag: UInt32 = 0x1000_0000
        guard let iterator = pango_layout_get_iter(layout) else { return 0xFFFD }
        defer { pango_layout_iter_free(iterator) }
        repeat {
            guard let glyphs = pango_layout_iter_get_run_readonly(iterator)?.pointee.glyphs else { continue }
            for index in 0..<Int(max(0, glyphs.pointee.num_glyphs)) {
                let glyph = glyphs.pointee.glyphs[index].glyph
                if glyph & unknownFlag != 0 { return glyph & ~unknownFlag }
            }
        } while pango_layout_iter_next_run(iterator) != 0
        return 0xFFFD
    }
}
