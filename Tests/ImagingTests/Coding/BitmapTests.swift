import Imaging
import Testing

@Suite struct BitmapTests {
    @Test func elementsArePackedHighBitFirst() {
        var bitmap = Bitmap(width: 10, height: 2)
        bitmap[0, 0] = true
        bitmap[9, 1] = true
        #expect(bitmap.rowBytes == 2)
        #expect(bitmap.bytes == [0x80, 0, 0, 0x40])
        #expect(bitmap[9, 1] && !bitmap[8, 1])
        bitmap[0, 0] = false
        #expect(bitmap.bytes == [0, 0, 0, 0x40])
        #expect(bitmap.withRow(1) { Array($0) } == [0, 0x40])
    }

    @Test func outsideIsWhiteAndStaysSo() {
        var bitmap = Bitmap(width: 3, height: 1)
        for (x, y) in [(-1, 0), (3, 0), (0, -1), (0, 1), (Int.max, 0), (Int.min, Int.min)] {
            bitmap[x, y] = true
            #expect(!bitmap[x, y])
        }
        bitmap.blacken(columns: -5..<0, row: 0)
        bitmap.blacken(columns: 3..<90, row: 0)
        bitmap.blacken(columns: 0..<3, row: 7)
        #expect(bitmap == Bitmap(width: 3, height: 1))
    }

    @Test func bytesMustFitAndPaddingIsCleared() {
        #expect(Bitmap(width: 9, height: 2, bytes: [0, 0, 0]) == nil)
        #expect(Bitmap(width: 9, height: .max, bytes: []) == nil)
        #expect(Bitmap(width: -1, height: 1, bytes: []) == nil)
        #expect(Bitmap(width: 9, height: 1, bytes: [0xFF, 0xFF])?.bytes == [0xFF, 0x80])
    }

    @Test func blackensAnyRange() {
        for start in 0...26 {
            for end in start...26 {
                var fast = Bitmap(width: 26, height: 1)
                var slow = fast
                fast.blacken(columns: start..<end, row: 0)
                for x in start..<end { slow[x, 0] = true }
                #expect(fast == slow)
            }
        }
    }
}
