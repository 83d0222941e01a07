extension Schema {
    /// Migration 006: what is known of the numbers that faxes go to.
    static let recipients = """
        CREATE TABLE recipients (
            -- Of a number, as in `faxes`, or of the digits with which numbers begin.
            entry_index BLOB PRIMARY KEY,
            is_prefix INTEGER NOT NULL,
            -- JSON: number, name, expected station, reason, new number.
            sealed_entry BLOB NOT NULL,
            status TEXT NOT NULL,
            since INTEGER NOT NULL,
            confirmed_by TEXT,
            confirmed_at INTEGER,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX faxes_delivered ON faxes(number_index, mailbox) WHERE state = 'delivered';
        """
}
