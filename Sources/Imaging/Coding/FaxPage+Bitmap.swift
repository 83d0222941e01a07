package import FaxModel

extension FaxPage {
    /// The page that shows `bitmap`, which is at least one element wide.
    package init(_ bitmap: Bitmap, resolution: Resolution) {
        self.init(
            width: bitmap.width, rows: bitmap.height, resolution: resolution, t6: T6Encoder.encode(bitmap))
    }

    /// The page's picture; throws what is wrong with ``t6``, or that the page is over the decoder's limits.
    package func bitmap() throws(T6Decoder.Failure) -> Bitmap {
        try T6Decoder.decode(t6, width: width, rows: rows)
    }
}
