import FoundationEssentials

extension FaxEvidence {
    /// The document: readable, its members sorted.
    package var json: [UInt8] {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return Array(try encoder.encode(self)) + [0x0A]
        }
    }

    /// Reads a document. Nil for what is not one, is over ``maximumSize``, or has another format.
    package init?(json: [UInt8]) {
        guard json.count <= Self.maximumSize, let read = try? JSONDecoder().decode(FaxEvidence.self, from: Data(json)),
            read.format == Self.currentFormat
        else { return nil }
        self = read
    }
}

extension VerificationReport {
    /// The report as JSON: readable, its members sorted.
    package var json: [UInt8] {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return Array(try encoder.encode(self)) + [0x0A]
        }
    }
}
