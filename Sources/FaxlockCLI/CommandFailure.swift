/// An end of a command that is no success. Usage errors have status 64, which is the argument parser's.
struct CommandFailure: Error {
    /// The exit statuses, as `docs/cli.md` lists them.
    enum Status: Int32 {
        /// The fax failed.
        case failed = 1
        /// The server or this command refused the input.
        case refused = 2
        /// The server cannot be reached, or failed.
        case server = 3
        /// The fax's outcome is unknown: a person must find out.
        case unknown = 4
        /// The fax is held: a person must release it.
        case held = 5
        /// A setting, the data folder or the key file is wrong.
        case configuration = 78
    }

    let status: Status
    let message: String

    init(_ status: Status, _ message: String) {
        self.status = status
        self.message = message
    }
}
