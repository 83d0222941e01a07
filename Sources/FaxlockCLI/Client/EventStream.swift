import AsyncHTTPClient
import NIOCore

/// One event of a stream (HTML Living Standard, 9.2.6).
struct ServerEvent: Sendable, Equatable {
    let id: String
    let type: String
    let data: String
}

/// Finds the events in the bytes of a stream, however they are cut.
struct EventParser {
    /// Of one line; what is longer is no stream of ours.
    private static let longestLine = 1 << 20

    private var line: [UInt8] = []
    private var id = ""
    private var type = ""
    private var data: [String] = []
    private var isAfterReturn = false

    /// - Throws: ``CommandFailure`` for a line without end.
    mutating func read(_ bytes: some Sequence<UInt8>) throws -> [ServerEvent] {
        var events: [ServerEvent] = []
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\n") where isAfterReturn: isAfterReturn = false
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                isAfterReturn = byte == UInt8(ascii: "\r")
                if let event = take(String(decoding: line, as: UTF8.self)) { events.append(event) }
                line = []
            default:
                isAfterReturn = false
                guard line.count < Self.longestLine else { throw CommandFailure(.server, "The server's event stream was not understood.") }
                line.append(byte)
            }
        }
        return events
    }

    /// - Returns: an event, where the line ends one.
    private mutating func take(_ line: String) -> ServerEvent? {
        guard !line.isEmpty else {
            defer { (type, data) = ("", []) }
            return data.isEmpty ? nil : ServerEvent(id: id, type: type, data: data.joined(separator: "\n"))
        }
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let value = parts.count == 2 ? String(parts[1].hasPrefix(" ") ? parts[1].dropFirst() : parts[1]) : ""
        switch parts[0] {
        case "id": id = value
        case "event": type = value
        case "data": data.append(value)
        default: break
        }
        return nil
    }
}
