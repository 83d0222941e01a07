import FaxModel
import Imaging
import WorkerProtocol

/// The last step of every page: grey to black and white, T.6, out.
struct PageEmitter {
    let resolution: Resolution
    let maximumPages: Int
    /// Pages written so far.
    private(set) var count = 0

    private var binariser: Binariser
    private var encoder = T6Encoder(width: Resolution.width)
    private var bits: [UInt8] = []

    init(resolution: Resolution, maximumPages: Int) {
        self.resolution = resolution
        self.maximumPages = maximumPages
        binariser = Binariser(resolution: resolution)
    }

    /// Writes a page of `rows` rows of 1,728 grey bytes.
    ///
    /// - Parameter acceptsWhite: asked if the page has come out all white; false keeps it from being written.
    /// - Returns: whether the page was written.
    mutating func emit(
        _ grey: UnsafeRawBufferPointer, rows: Int, acceptsWhite: () throws(PageFailure) -> Bool = { true }
    ) throws(PageFailure) -> Bool {
        guard count < maximumPages else {
            throw PageFailure(code: .tooManyPages, message: "The document has more than \(maximumPages) pages.")
        }
        binariser.binarise(grey, rows: rows, into: &bits)
        if isWhite, try !acceptsWhite() { return false }
        bits.withUnsafeBytes { bits in
            for row in 0..<rows {
                encoder.append(
                    row: UnsafeRawBufferPointer(
                        rebasing: bits[(row * Binariser.bytesPerRow)..<((row + 1) * Binariser.bytesPerRow)]))
            }
        }
        let page = FaxPage(width: Resolution.width, rows: rows, resolution: resolution, t6: encoder.finish())
        let payload = PagePayload.encode(page)
        guard payload.count <= Frame.maximumPayload else {
            throw PageFailure(code: .tooComplex, message: "A page is too detailed to be faxed.", page: count + 1)
        }
        FrameOutput.write(Frame(kind: .page, payload: payload))
        count += 1
        return true
    }

    /// Whether the page that was binarised last has nothing black. Its bytes are a multiple of eight.
    private var isWhite: Bool {
        bits.withUnsafeBytes { $0.bindMemory(to: UInt64.self).allSatisfy { $0 == 0 } }
    }
}
