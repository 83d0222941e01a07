/// How a call carries its pages: one rung of the ladder that is climbed down when calls break off.
package struct CallMode: Sendable, Hashable {
    /// What may carry the fax.
    package enum Media: String, Sendable, Hashable, Codable {
        /// T.38 where the far end takes it, else G.711.
        case any
        /// G.711 only: T.38 is neither offered nor taken.
        case audio
    }

    package let media: Media
    /// The fastest modulation offered, bit/s: below 14,400 without V.17, below 9,600 without V.29.
    package let maximumBitRate: Int
    /// Error correction mode (ITU-T T.30 annex A).
    package let errorCorrection: Bool

    package init(media: Media, maximumBitRate: Int, errorCorrection: Bool) {
        self.media = media
        self.maximumBitRate = maximumBitRate
        self.errorCorrection = errorCorrection
    }

    /// From the fastest to the most patient. A call begins where the last one to the destination worked, else at the first.
    package static let ladder: [CallMode] = [
        CallMode(media: .any, maximumBitRate: 14400, errorCorrection: true),
        CallMode(media: .any, maximumBitRate: 9600, errorCorrection: true),
        CallMode(media: .audio, maximumBitRate: 14400, errorCorrection: true),
        CallMode(media: .audio, maximumBitRate: 9600, errorCorrection: true),
        // Pages that come damaged are confirmed here too: the quality is not guaranteed.
        CallMode(media: .audio, maximumBitRate: 9600, errorCorrection: false),
    ]

    /// The rung at `index` of the ladder; the last one for what is below it.
    package static func rung(_ index: Int) -> CallMode { ladder[min(max(index, 0), ladder.count - 1)] }
}
