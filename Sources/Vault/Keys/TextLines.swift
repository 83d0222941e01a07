/// The lines of a key file, in place: no line is copied.
package enum TextLines {
    /// The lines that are not blank, without the spaces, tabs and line ends around them; valid as long as `text` is.
    package static func lines(of text: UnsafeRawBufferPointer) -> [Slice<UnsafeRawBufferPointer>] {
        text.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }.compactMap { line in
            let isInk = { (byte: UInt8) in byte != UInt8(ascii: " ") && byte != UInt8(ascii: "\t") }
            guard let first = line.firstIndex(where: isInk), let last = line.lastIndex(where: isInk) else { return nil }
            return line[first...last]
        }
    }
}
