import Gateway

/// What a parser made of a whole body: the parts with all their bytes, and the error if there was one.
struct Parsed: Equatable {
    struct Part: Equatable {
        var headers: MultipartPart
        var bytes: [UInt8] = []
        var isEnded = false
    }

    var parts: [Part] = []
    var isFinished = false
    var error: MultipartError?

    /// Parses `pieces` one after another.
    init(_ pieces: [ArraySlice<UInt8>], boundary: MultipartBoundary, limits: MultipartParser.Limits = .init()) {
        var parser = MultipartParser(boundary: boundary, limits: limits)
        do throws(MultipartError) {
            for piece in pieces {
                parser.append(piece)
                try take(from: &parser)
            }
            parser.finish()
            try take(from: &parser)
        } catch {
            self.error = error
        }
    }

    init(_ body: [UInt8], boundary: String = "XX", limits: MultipartParser.Limits = .init()) throws {
        self.init([body[...]], boundary: try MultipartBoundary(boundary.utf8), limits: limits)
    }

    init(_ body: String, boundary: String = "XX", limits: MultipartParser.Limits = .init()) throws {
        try self.init(Array(body.utf8), boundary: boundary, limits: limits)
    }

    private mutating func take(from parser: inout MultipartParser) throws(MultipartError) {
        while let event = try parser.next() {
            switch event {
            case .partBegan(let headers): parts.append(Part(headers: headers))
            case .partBytes(let bytes): parts[parts.count - 1].bytes += bytes
            case .partEnded: parts[parts.count - 1].isEnded = true
            case .finished: isFinished = true
            }
        }
    }
}

/// A whole body of parts given by their header lines and bytes.
func multipartBody(boundary: String = "XX", _ parts: [(headers: [String], bytes: [UInt8])]) -> [UInt8] {
    var body: [UInt8] = []
    for part in parts {
        body += Array("--\(boundary)\r\n".utf8)
        body += Array(part.headers.map { $0 + "\r\n" }.joined().utf8)
        body += Array("\r\n".utf8) + part.bytes + Array("\r\n".utf8)
    }
    return body + Array("--\(boundary)--\r\n".utf8)
}

/// SplitMix64: the same numbers for the same seed on every machine.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
