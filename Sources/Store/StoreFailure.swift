/// What the store tells its callers beside the database's own errors.
package enum StoreFailure: Error, CustomStringConvertible {
    /// A write of a server that no longer leads: another one has started on the same database. It must stop.
    case staleFence
    /// A row does not hold what the schema says.
    case damagedRow(table: String, row: String)
    /// A document that a row names is not in the database.
    case unknownDocument(String)
    /// The key file is not the one with which this data folder was made.
    case wrongKeyFile(path: String, expected: String, found: String)
    /// The data folder has data, but its key file is gone.
    case missingKeyFile(path: String, expected: String)

    package var description: String {
        switch self {
        case .staleFence: "another server has taken over this database"
        case .damagedRow(let table, let row): "row \(row) of table \(table) is damaged"
        case .unknownDocument(let id): "document \(id) is not in the database"
        case .wrongKeyFile(let path, let expected, let found):
            "The key file \(path) holds key \(found), but the data folder was sealed with key \(expected). Point FAXLOCK_KEY_FILE at the right file."
        case .missingKeyFile(let path, let expected):
            "The key file \(path) is missing; the data folder was sealed with key \(expected). Restore the file or point FAXLOCK_KEY_FILE at it. Nothing was changed."
        }
    }
}
