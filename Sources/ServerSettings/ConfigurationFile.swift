import FoundationEssentials

/// The JSON file of settings: one flat object.
enum ConfigurationFile {
    /// The value of each name as text; nil where it is no text, number, true or false.
    ///
    /// - Returns: nil if the bytes are not a JSON object.
    static func parse(_ bytes: [UInt8]) -> [String: String?]? {
        guard let values = try? JSONDecoder().decode([String: Scalar].self, from: Data(bytes)) else { return nil }
        return values.mapValues(\.text)
    }

    private struct Scalar: Decodable {
        let text: String?

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let value = try? container.decode(String.self) {
                text = value
            } else if let value = try? container.decode(Bool.self) {
                text = value ? "true" : "false"
            } else if let value = try? container.decode(Int.self) {
                text = String(value)
            } else if let value = try? container.decode(Double.self) {
                text = String(value)
            } else {
                text = nil
            }
        }
    }
}
