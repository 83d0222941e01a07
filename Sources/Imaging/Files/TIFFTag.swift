/// The tags of TIFF 6.0 that TIFF-F (RFC 2306) uses, and their values where they are fixed.
enum TIFFTag: UInt16 {
    case newSubfileType = 254
    case imageWidth = 256
    case imageLength = 257
    case bitsPerSample = 258
    case compression = 259
    case photometricInterpretation = 262
    case fillOrder = 266
    case stripOffsets = 273
    case orientation = 274
    case samplesPerPixel = 277
    case rowsPerStrip = 278
    case stripByteCounts = 279
    case xResolution = 282
    case yResolution = 283
    case t6Options = 293
    case resolutionUnit = 296
    case pageNumber = 297
    case software = 305

    /// NewSubfileType: one page of many.
    static let singlePage: UInt32 = 2
    /// Compression: T.6.
    static let group4: UInt32 = 4
    /// PhotometricInterpretation: 0 bits are white.
    static let whiteIsZero: UInt32 = 0
    /// FillOrder: the first bit is a byte's high bit, or its low bit.
    static let highBitFirst: UInt32 = 1
    static let lowBitFirst: UInt32 = 2
    /// ResolutionUnit.
    static let inch: UInt32 = 2
    static let centimetre: UInt32 = 3
}

/// The types of a TIFF field that are read and written here.
enum TIFFType: UInt16 {
    case ascii = 2
    case short = 3
    case long = 4
    case rational = 5
}
