import FaxModel
import Store

/// One event of a fax as JSON. Its data are stored as JSON: they go through as they are.
struct EventDocument {
    let event: FaxEventRecord

    /// One line. Every other member is of an alphabet without anything to escape.
    var json: String {
        "{\"at\":\"\(event.at)\",\"data\":\(event.data),\"fax\":\"\(event.fax)\",\"id\":\(event.id),\"type\":\"\(event.type)\"}"
    }

    /// As an event of a stream (HTML Living Standard, 9.2.5).
    var streamed: String { "id: \(event.id)\nevent: \(event.type)\ndata: \(json)\n\n" }
}
