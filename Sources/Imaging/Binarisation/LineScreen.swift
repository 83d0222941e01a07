/// A screen of vertical lines, six picture elements apart: the darker the picture, the wider the lines.
///
/// Vertical lines are what T.6 codes best, since each row is coded by its difference from the row above. The lines of
/// four kinds of rows are a little darker or lighter than each other, which gives 24 tones instead of six.
struct LineScreen {
    /// Picture elements from one line to the next.
    static let period = 6
    /// Kinds of rows.
    static let phases = 4
    /// Rows of one kind that follow each other.
    static let rowsOfPhase = 2

    private let thresholds: [[UInt8]]

    /// A screen for rows of `width` picture elements on paper of lightness `paper`.
    init(width: Int, paper: Int) {
        // A line grows from its middle to both sides; 24 steps from white to black, four to each element.
        let order = [4, 2, 0, 1, 3, 5]
        let shift = [0, 2, 1, 3]
        thresholds = (0..<Self.phases).map { phase in
            (0..<width).map { column in
                let step = order[column % Self.period] * Self.phases + shift[phase]
                return UInt8(clamping: (2 * (24 - step) - 1) * paper / 48)
            }
        }
    }

    /// The thresholds of sixteen elements of a row from `column` on.
    func thresholds(row: Int, column: Int) -> SIMD16<UInt8> {
        let line = thresholds[row / Self.rowsOfPhase % Self.phases]
        return SIMD16(line[column..<(column + 16)])
    }
}
