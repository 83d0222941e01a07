import FaxModel

/// Reads portable grey maps of one known size from the renderer, each into the middle of a white fax page.
struct GreyPageReader: ~Copyable {
    private let geometry: PageGeometry
    private let header: [UInt8]
    private let page: UnsafeMutableRawBufferPointer
    private let narrow: UnsafeMutableRawBufferPointer?
    /// What the renderer complained of while it drew the page read last.
    private(set) var diagnostics: [UInt8] = []

    init(geometry: PageGeometry) {
        self.geometry = geometry
        header = Array("P5\n\(geometry.width) \(geometry.rows)\n255\n".utf8)
        page = .allocate(byteCount: Resolution.width * geometry.rows, alignment: 64)
        page.initializeMemory(as: UInt8.self, repeating: 255)
        narrow =
            geometry.width == Resolution.width
            ? nil : .allocate(byteCount: geometry.width * geometry.rows, alignment: 64)
    }

    deinit {
        page.deallocate()
        narrow?.deallocate()
    }

    /// The page read last: rows of 1,728 bytes.
    var grey: UnsafeRawBufferPointer { UnsafeRawBufferPointer(page) }

    /// Reads the next page; false if the output ended or is not the page that was asked for.
    mutating func read(from renderer: RendererProcess) throws(RendererProcess.Failure) -> Bool {
        var found = [UInt8](repeating: 0, count: header.count)
        var count: Result<Int, RendererProcess.Failure> = .success(0)
        found.withUnsafeMutableBytes { buffer in
            do throws(RendererProcess.Failure) { count = .success(try renderer.read(into: buffer)) } catch {
                count = .failure(error)
            }
        }
        guard try count.get() == header.count, found == header else { return false }
        diagnostics = renderer.takeDiagnostics()
        guard let narrow else { return try renderer.read(into: page) == page.count }
        guard try renderer.read(into: narrow) == narrow.count else { return false }
        for row in 0..<geometry.rows {
            let from = narrow[(row * geometry.width)..<((row + 1) * geometry.width)]
            let start = row * Resolution.width + geometry.margin
            page[start..<(start + geometry.width)].copyBytes(from: from)
        }
        return true
    }
}
