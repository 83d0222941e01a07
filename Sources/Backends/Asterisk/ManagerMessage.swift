/// One message of Asterisk's manager interface (AMI): a response to an action, or an event.
package struct ManagerMessage: Sendable, Equatable {
    /// A line `name: value`.
    package struct Field: Sendable, Equatable {
        package let name: String
        package let value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// In the order in which they came; names may repeat.
    package let fields: [Field]

    package init(_ fields: [Field]) {
        self.fields = fields
    }

    /// The first field of this name, in any case. The first counts: what a far end could slip into a later value changes nothing.
    package subscript(_ name: String) -> String? {
        let wanted = name.lowercased()
        return fields.first { $0.name.lowercased() == wanted }?.value
    }

    /// The kind of event; nil for a response. (An event may have a field `Response` too.)
    package var event: String? { self["Event"] }

    /// Whether this answers an action, and that with success.
    package var isSuccess: Bool { event == nil && self["Response"]?.lowercased() == "success" }

    package var actionID: String? { self["ActionID"] }
}
