import WorkerProtocol

/// The size on paper of a picture that counts in picture elements.
struct ImageSize {
    /// Points.
    let wide: Double
    let tall: Double
    /// Whether the picture said its resolution and it can be believed.
    let isTrue: Bool

    /// The most picture elements that are decoded: an A4 page at 1,200 dots to the inch.
    static let greatestArea = 140_000_000

    /// - Parameters:
    ///   - dotsPerInchAcross: 0 if unknown. What cameras and screens write (72, 96) says nothing about paper.
    init(width: Int, height: Int, dotsPerInchAcross: Double, dotsPerInchDown: Double, page: Int) throws(PageFailure) {
        guard width > 0, height > 0, width <= 65_535, height <= 1_000_000 else {
            throw PageFailure(code: .broken, message: "The picture has no size.", page: page)
        }
        guard width * height <= Self.greatestArea else {
            throw PageFailure(
                code: .tooComplex, message: "The picture is \(width) by \(height) picture elements: too large.",
                page: page)
        }
        let believable = 97.0...1300.0
        isTrue = believable.contains(dotsPerInchAcross) && believable.contains(dotsPerInchDown)
        if isTrue {
            wide = Double(width) * 72 / dotsPerInchAcross
            tall = Double(height) * 72 / dotsPerInchDown
        } else {
            wide = PageGeometry.faxWidth
            tall = PageGeometry.faxWidth * Double(height) / Double(width)
        }
    }
}
