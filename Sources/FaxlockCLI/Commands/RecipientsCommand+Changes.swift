import ArgumentParser

/// The subcommands of `faxlock recipients` that change an entry. What is not given stays as it is.
extension RecipientsCommand {
    private static func change(_ fields: [String: String?], asJSON: Bool) async throws {
        try await post("/admin/recipients", fields, asJSON: asJSON) { client, answer in try client.decode(Entry.self, answer).line }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Put a number into the directory, or change what is known of it.")

        @Argument(help: "The number.") var number: String
        @Option(help: "Whose it is; \"\" takes the name away.") var name: String?
        @Option(help: "What the machine that answers there calls itself: digits, + and space.") var station: String?
        @Option(help: "A note.") var reason: String?
        @Flag(help: "Print the server's answer as JSON.") var json = false

        func run() async throws {
            try await change(["number": number, "name": name, "expected_station": station, "reason": reason], asJSON: json)
        }
    }

    struct Allow: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Allow a number or all numbers of a prefix.")

        @OptionGroup var target: Target
        @Option(help: "Why.") var reason: String?
        @Flag(help: "Print the server's answer as JSON.") var json = false

        func run() async throws {
            try await change(target.fields.merging(["status": "allowed", "reason": reason]) { $1 }, asJSON: json)
        }
    }

    struct Deny: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Bar a number or all numbers of a prefix.")

        @OptionGroup var target: Target
        @Option(help: "Why.") var reason: String?
        @Flag(help: "Print the server's answer as JSON.") var json = false

        func run() async throws {
            try await change(target.fields.merging(["status": "denied", "reason": reason]) { $1 }, asJSON: json)
        }
    }

    struct DoNotFax: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "do-not-fax", abstract: "Note that a recipient asked not to get faxes (47 CFR 64.1200(a)(4)).")

        @Argument(help: "The number.") var number: String
        @Option(help: "The day of the request, as 2026-11-22; else today.") var on: String?
        @Option(help: "How it came.") var reason: String?
        @Flag(help: "Print the server's answer as JSON.") var json = false

        func run() async throws {
            try await change(["number": number, "status": "do_not_fax", "since": on, "reason": reason], asJSON: json)
        }
    }

    struct Changed: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Note that a recipient has another number now.")

        @Argument(help: "The old number.") var number: String
        @Argument(help: "The new one, if you know it.") var new: String?
        @Flag(help: "Print the server's answer as JSON.") var json = false

        func run() async throws {
            try await change(["number": number, "status": "changed", "new_number": new], asJSON: json)
        }
    }

    struct Retired: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Note that a number is not the recipient's any more.")

        @Argument(help: "The number.") var number: String
        @Option(help: "How you know.") var reason: String?
        @Flag(help: "Print the server's answer as JSON.") var json = false

        func run() async throws {
            try await change(["number": number, "status": "retired", "reason": reason], asJSON: json)
        }
    }
}
