/// One row of the table of settings.
package struct SettingDefinition: Sendable {
    /// The name in the environment, in the file and on the command line.
    package let name: String
    /// What a value looks like, to follow "expected".
    package let expected: String
    /// One line for an operator.
    package let help: String
    /// The value if nobody gives one, as text; empty if there is none.
    package let defaultText: String
    /// Shown as ``Secret/redacted`` only.
    package let isSecret: Bool
    /// `NAME_FILE` in the environment may name a file that holds the value.
    package let acceptsFile: Bool
    /// Whether this version does anything with it; if not, it is known and accepted because operators have it in their files.
    package let isUsed: Bool
    /// Puts the value of a text into the settings; false, and no change, if the text is malformed.
    let apply: @Sendable (String, inout Settings) -> Bool
    /// The value in the settings as text, redacted.
    let text: @Sendable (Settings) -> String

    /// A setting with a default, which is what the property is in `Settings()`.
    init<Value>(
        _ name: String, _ property: any WritableKeyPath<Settings, Value> & Sendable, _ syntax: ValueSyntax<Value>,
        help: String
    ) {
        self.init(
            name: name, syntax: syntax, help: help,
            apply: { text, settings in
                guard let value = syntax.parse(text) else { return false }
                settings[keyPath: property] = value
                return true
            }, text: { syntax.format($0[keyPath: property]) })
    }

    /// A setting that may be absent.
    init<Value>(
        _ name: String, _ property: any WritableKeyPath<Settings, Value?> & Sendable, _ syntax: ValueSyntax<Value>,
        help: String,
        shown: (@Sendable (Settings) -> String)? = nil
    ) {
        self.init(
            name: name, syntax: syntax, help: help,
            apply: { text, settings in
                guard let value = syntax.parse(text) else { return false }
                settings[keyPath: property] = value
                return true
            }, text: shown ?? { $0[keyPath: property].map(syntax.format) ?? "" })
    }

    private init<Value>(
        name: String, syntax: ValueSyntax<Value>, help: String,
        apply: @escaping @Sendable (String, inout Settings) -> Bool,
        text: @escaping @Sendable (Settings) -> String
    ) {
        self.name = name
        expected = syntax.expected
        self.help = help
        defaultText = text(Settings())
        isSecret = syntax.isSecret
        acceptsFile = syntax.acceptsFile
        isUsed = true
        self.apply = apply
        self.text = text
    }

    /// A name of the Faxbot contract that this version knows and does not use.
    init(unused name: String, isSecret: Bool) {
        self.name = name
        expected = "anything"
        help = "Not used by this version."
        defaultText = ""
        self.isSecret = isSecret
        acceptsFile = false
        isUsed = false
        apply = { _, _ in true }
        text = { _ in "" }
    }
}
