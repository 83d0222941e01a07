extension Schema {
    /// Migration 003: pages that are durable while their call lasts, what is known about each, and retired numbers.
    static let receiving = """
        -- Faxes that are coming in. The id is that of the fax that it will be. The key opens its pages; it goes with the row, once the
        -- whole fax is a document.
        CREATE TABLE receptions (
            id TEXT PRIMARY KEY,
            mailbox TEXT NOT NULL REFERENCES mailboxes(id),
            backend TEXT NOT NULL,
            reference TEXT NOT NULL,
            trunk TEXT NOT NULL,
            sealed_to BLOB NOT NULL,
            sealed_from BLOB NOT NULL,
            sealed_remote_identifier BLOB NOT NULL,
            epoch TEXT NOT NULL,
            wrapped_key BLOB NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        -- Pages that were confirmed to the sender, sealed. Those without a reception are over and open nothing.
        CREATE TABLE reception_pages (
            reception TEXT NOT NULL,
            page INTEGER NOT NULL,
            sealed BLOB NOT NULL,
            PRIMARY KEY (reception, page)
        ) STRICT;

        CREATE TABLE inbound_pages (
            fax TEXT NOT NULL,
            page INTEGER NOT NULL,
            bit_rate INTEGER NOT NULL,
            error_correction INTEGER NOT NULL,
            bad_rows INTEGER NOT NULL,
            retries INTEGER NOT NULL,
            confirmed_at INTEGER NOT NULL,
            PRIMARY KEY (fax, page)
        ) STRICT, WITHOUT ROWID;

        -- Empty: the loopback exchange.
        ALTER TABLE inbound ADD COLUMN trunk TEXT NOT NULL DEFAULT '';
        ALTER TABLE inbound ADD COLUMN ended_at INTEGER;
        -- How T.30 ended the call; NULL where it did not.
        ALTER TABLE inbound ADD COLUMN end_code INTEGER;

        -- Since when the number is no mailbox's any more: calls to it are refused and go on record. It keeps the last one's name.
        ALTER TABLE mailbox_numbers ADD COLUMN retired_at INTEGER;
        """
}
