import Imaging
import Testing

@Suite struct HeaderLineTests {
    private let header = HeaderLine(date: "2025-11-22 14:05 EST", sender: "Example Clinic", number: "+1 555 123 0100")

    @Test func fieldsAreLeftMiddleAndRight() {
        let line = header.line(page: 3, of: 12)
        #expect(line.count == 92)
        #expect(line.hasPrefix("2025-11-22 14:05 EST  "))
        #expect(line.hasSuffix("  P. 3/12"))
        let middle = "Example Clinic  +1 555 123 0100"
        #expect(line.contains("  \(middle)  "))
        let start = line.split(separator: middle)[0].count
        #expect(abs(start - (92 - middle.count) / 2) <= 1)
        #expect(header.line(page: 3, of: nil).hasSuffix("  P. 3"))
    }

    @Test func aLongNameIsCutAndTheNumberIsNot() {
        var long = header
        long.sender = String(repeating: "Northern Counties Health ", count: 9)
        let line = long.line(page: 1, of: 800)
        #expect(line.count == 92)
        #expect(line.hasPrefix("2025-11-22 14:05 EST  Northern Counties"))
        #expect(line.hasSuffix("...  +1 555 123 0100  P. 1/800"))
    }

    @Test func fieldsThatAreEmptyOrFarTooLong() {
        let line = HeaderLine(date: "", sender: "", number: "").line(page: 1, of: 1)
        #expect(line.count == 92 && line.drop { $0 == " " } == "P. 1/1")
        let many = String(repeating: "9", count: 300)
        for header in [
            HeaderLine(date: many, sender: many, number: many), HeaderLine(date: "now", sender: "", number: many),
            HeaderLine(date: "", sender: many, number: ""),
        ] {
            let line = header.line(page: 2, of: 3)
            #expect(line.count == 92 && line.hasSuffix("  P. 2/3") && line.contains("..."))
        }
    }

    @Test(arguments: [0, 1, 17, 72, 90, 200, 400, 2592])
    func fitsAnyWidth(width: Int) {
        #expect(header.line(page: 1, of: 2, width: width).count == max(0, width / 18 - 4))
    }

    @Test func otherScriptsBecomeQuestionMarks() {
        let line = HeaderLine(date: "a\tb\r\nc", sender: "Zoë 医院 \u{1F469}\u{200D}\u{2695}\u{FE0F}", number: "1\u{7F}")
            .line(page: 1, of: 1)
        #expect(line.hasPrefix("a?b?c  "))
        #expect(line.contains("  Zo? ?? ?  1?  "))
        #expect(line.utf8.count == 92)
    }
}
