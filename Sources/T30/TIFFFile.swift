import CSpanDSP

/// A TIFF file opened for reading by libtiff.
struct TIFFFile: ~Copyable {
    private let handle: OpaquePointer

    /// Nil if the file does not open as TIFF. It is not mapped into memory: it may be written to meanwhile.
    init?(path: String) {
        guard let handle = TIFFOpen(path, "rm") else { return nil }
        self.handle = handle
    }

    deinit { TIFFClose(handle) }

    /// libtiff's messages quote the file; nothing of it may reach a log.
    static func silence() {
        TIFFSetErrorHandler(nil)
        TIFFSetWarningHandler(nil)
    }

    /// Pages of the file.
    var pageCount: Int { Int(TIFFNumberOfDirectories(handle)) }

    /// Makes page `index`, from 0, the one that is read.
    func select(page index: Int) -> Bool {
        guard let directory = tdir_t(exactly: index) else { return false }
        return TIFFSetDirectory(handle, directory) == 1
    }

    /// A field of the page, with TIFF's default where there is one. `Value` must be the type that libtiff documents for
    /// `tag`.
    func field<Value: BitwiseCopyable & Numeric>(_ tag: Int32, as type: Value.Type) -> Value? {
        var value: Value = 0
        let found = withUnsafeMutablePointer(to: &value) { pointer in
            withVaList([pointer]) { TIFFVGetFieldDefaulted(handle, UInt32(bitPattern: tag), $0) }
        }
        return found == 1 ? value : nil
    }

    /// Bytes of a decoded row.
    var rowBytes: Int { Int(TIFFScanlineSize64(handle)) }

    /// Decodes the next row into `row`, which has ``rowBytes`` bytes.
    func read(row number: Int, into row: UnsafeMutableRawBufferPointer) -> Bool {
        guard row.count >= rowBytes, let number = UInt32(exactly: number) else { return false }
        return TIFFReadScanline(handle, row.baseAddress, number, 0) == 1
    }
}
