extension Schema {
    /// Migration 007: requests that are repeated, and tags by which faxes are found.
    static let requests = """
        -- Requests with an `Idempotency-Key`, for a day. Key and request are HMACs.
        CREATE TABLE idempotency_keys (
            key_index BLOB PRIMARY KEY,
            fingerprint BLOB NOT NULL,
            -- What came of it: one fax, or those of a batch.
            fax TEXT,
            batch TEXT,
            created_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX idempotency_keys_by_age ON idempotency_keys(created_at);

        CREATE TABLE fax_tags (
            tag_index BLOB NOT NULL,
            fax TEXT NOT NULL,
            PRIMARY KEY (tag_index, fax)
        ) STRICT, WITHOUT ROWID;
        """
}
