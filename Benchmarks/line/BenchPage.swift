import CProcess
import FaxModel
import Glibc
import Imaging

/// A page that looks like text, and its TIFF-F file in memory.
struct BenchPage {
    let page: FaxPage
    /// A memory file.
    let descriptor: Int32

    var path: String { "/proc/self/fd/\(descriptor)" }

    init(rows: Int, resolution: Resolution) throws {
        var random = SeededRandom(seed: 38)
        var bitmap = Bitmap(width: Resolution.width, height: rows)
        for top in stride(from: 40, to: rows - 40, by: 30) {
            var column = 120
            while column < 1600 {
                let width = Int.random(in: 2...14, using: &random)
                for y in top..<(top + 16) where Int.random(in: 0..<3, using: &random) > 0 {
                    bitmap.blacken(columns: column..<(column + width), row: y)
                }
                column += width + Int.random(in: 4...30, using: &random)
            }
        }
        page = FaxPage(bitmap, resolution: resolution)
        var writer = TIFFWriter(pages: 1)
        let bytes = try writer.append(page) + writer.finish()
        descriptor = cprocess_memory_file("page")
        guard descriptor >= 0, write(descriptor, bytes, bytes.count) == bytes.count else {
            throw WorkerLink.StartFailure(reason: "no memory file")
        }
    }
}

/// SplitMix64: the same seed gives the same run.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Seconds of the clock that nobody sets.
func monotonicSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
