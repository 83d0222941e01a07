import FoundationEssentials

/// The text form of a sequence of signed notes: anchors outside of the server, and the checkpoints of an export.
///
/// Append-only; one JSON object a line, of which the member `note` is the whole signed note: `{"note":"faxlock/5f...\n256\n..."}`.
/// Other members may stand beside it. A file that does not begin with a brace is one bare note.
package enum AnchorFile {
    /// The line for `note`, with its newline.
    package static func line(_ note: SignedNote) -> [UInt8] {
        var json = JSONBytes()
        json.append(#"{"note":"#)
        json.append(string: String(decoding: note.bytes, as: UTF8.self))
        json.append("}\n")
        return json.bytes
    }

    /// Twice the longest note: its newlines are escaped.
    static let maximumLineSize = 2 * SignedNote.maximumSize

    private struct Line: Decodable {
        let note: String
    }

    /// Reads a line, with or without its newline. Nil for what is not one.
    package static func note(line: [UInt8]) -> SignedNote? {
        guard line.count <= maximumLineSize, let read = try? JSONDecoder().decode(Line.self, from: Data(line)) else { return nil }
        return SignedNote(Array(read.note.utf8))
    }
}
