import FaxModel

/// Reads portable grey or pixel maps of one known size from the renderer, each into the middle of a white fax page,
/// in grey.
struct GreyPageReader: ~Copyable {
    private let geometry: PageGeometry
    /// Bytes of a picture element.
    private let depth: Int
    private let header: [UInt8]
    private let page: UnsafeMutableRawBufferPointer
    /// The map as it comes, where it is not the page itself.
    private let map: UnsafeMutableRawBufferPointer?
    /// What the renderer complained of while it drew the page read last.
    private(set) var diagnostics: [UInt8] = []

    init(geometry: PageGeometry, isColour: Bool) {
        self.geometry = geometry
        depth = isColour ? 3 : 1
        header = Array("\(isColour ? "P6" : "P5")\n\(geometry.width) \(geometry.rows)\n255\n".utf8)
        page = .allocate(byteCount: Resolution.width * geometry.rows, alignment: 64)
        page.initializeMemory(as: UInt8.self, repeating: 255)
        map =
            geometry.width == Resolution.width && !isColour
            ? nil : .allocate(byteCount: geometry.width * geometry.rows * depth, alignment: 64)
    }

    deinit {
        page.deallocate()
        map?.deallocate()
    }

    /// The page read last: rows of 1,728 bytes.
    var grey: UnsafeRawBufferPointer { UnsafeRawBufferPointer(page) }

    /// Reads the next page; false if the output ended or is not the page that was asked for.
    mutating func read(from renderer: RendererProcess) throws(RendererProcess.Failure) -> Bool {
        guard try renderer.readAll(limit: header.count) == header else { return false }
        diagnostics = renderer.takeDiagnostics()
        guard let map else { return try renderer.read(into: page) == page.count }
        guard try renderer.read(into: map) == map.count else { return false }
        for row in 0..<geometry.rows {
            let length = geometry.width * depth
            let line = UnsafeRawBufferPointer(rebasing: map[(row * length)..<((row + 1) * length)])
            let start = row * Resolution.width + geometry.margin
            if depth == 1 {
                page[start..<(start + geometry.width)].copyBytes(from: line)
            } else {
                for column in 0..<geometry.width { page[start + column] = Self.luma(line, at: column * 3) }
            }
        }
        return true
    }

    /// ITU-R BT.601 luma of a red, a green and a blue byte.
    @inline(__always)
    private static func luma(_ bytes: UnsafeRawBufferPointer, at index: Int) -> UInt8 {
        let sum = UInt32(bytes[index]) * 77 + UInt32(bytes[index + 1]) * 150 + UInt32(bytes[index + 2]) * 29
        return UInt8(truncatingIfNeeded: sum >> 8)
    }
}
