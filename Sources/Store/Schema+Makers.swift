extension Schema {
    /// Migration 010: who made a webhook, which people were revoked by the names that owners go by, and what waits for a number.
    static let makers = """
        -- The key or person whose right to see all faxes a webhook of all faxes rests on.
        ALTER TABLE webhook_endpoints ADD COLUMN made_by TEXT NOT NULL DEFAULT '';
        UPDATE webhook_endpoints SET made_by = owner;

        -- `person/<pseudonym>`, as in the columns `owner`: what they sent until then is told to nobody.
        CREATE TABLE revoked_owners (
            owner TEXT PRIMARY KEY,
            revoked_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        INSERT INTO revoked_owners (owner, revoked_at)
            SELECT object, max(at) FROM ledger WHERE action = 'person.revoked' GROUP BY object;

        -- For lists that change while faxes wait.
        CREATE INDEX faxes_scheduled_to ON faxes(number_index, id) WHERE state = 'scheduled';
        CREATE INDEX recipients_prefixes ON recipients(status) WHERE is_prefix;
        """
}
