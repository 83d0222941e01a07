extension Schema {
    /// Migration 002: the ledger, mailboxes and grants, retention and holds, business associates.
    static let safeguards = """
        ALTER TABLE keys ADD COLUMN wrapped_by TEXT NOT NULL DEFAULT '';
        UPDATE keys SET wrapped_by = coalesce((SELECT CAST(value AS TEXT) FROM meta WHERE name = 'key_id'), '');

        -- A destroyed epoch keeps its row, without its key: nothing is ever sealed under its name again.
        ALTER TABLE keys ADD COLUMN destroyed_at INTEGER;
        CREATE INDEX keys_alive ON keys(name) WHERE destroyed_at IS NULL;

        -- The leaves, byte for byte as they were hashed; the other columns are copies to search by.
        CREATE TABLE ledger (
            seq INTEGER PRIMARY KEY,
            leaf BLOB NOT NULL,
            at INTEGER NOT NULL,
            action TEXT NOT NULL,
            object TEXT NOT NULL
        ) STRICT;
        CREATE INDEX ledger_by_object ON ledger(object);
        -- Each index ends in `seq`, the row's own number: what one finds comes in the ledger's order.
        CREATE INDEX ledger_by_action ON ledger(action);
        CREATE INDEX ledger_by_time ON ledger(at);

        CREATE TABLE ledger_checkpoints (
            id INTEGER PRIMARY KEY,
            size INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            note TEXT NOT NULL,
            -- The roots of the perfect subtrees at that size: where a start goes on from.
            frontier BLOB NOT NULL
        ) STRICT;
        CREATE INDEX ledger_checkpoints_by_size ON ledger_checkpoints(size);

        -- How far each sink has been told: of events, and of checkpoints.
        CREATE TABLE sink_positions (
            sink TEXT PRIMARY KEY,
            event INTEGER NOT NULL,
            checkpoint INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE mailboxes (
            id TEXT PRIMARY KEY,
            -- Days after which documents are shredded; NULL: as the settings say.
            retention_days INTEGER,
            inbound_retention_days INTEGER,
            delete_on_success INTEGER,
            created_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        INSERT INTO mailboxes (id, created_at) VALUES ('main', 0);

        CREATE TABLE mailbox_numbers (
            number_index BLOB PRIMARY KEY,
            sealed_number BLOB NOT NULL,
            mailbox TEXT NOT NULL REFERENCES mailboxes(id),
            created_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        -- Who may do what in a mailbox. The subject is `key/<id>`.
        CREATE TABLE grants (
            subject TEXT NOT NULL,
            mailbox TEXT NOT NULL,
            role TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            PRIMARY KEY (subject, mailbox, role)
        ) STRICT, WITHOUT ROWID;

        ALTER TABLE faxes ADD COLUMN mailbox TEXT NOT NULL DEFAULT 'main' REFERENCES mailboxes(id);
        CREATE INDEX faxes_by_mailbox ON faxes(mailbox, id);
        ALTER TABLE inbound ADD COLUMN mailbox TEXT NOT NULL DEFAULT 'main' REFERENCES mailboxes(id);
        CREATE INDEX inbound_by_mailbox ON inbound(mailbox, id);

        ALTER TABLE api_keys ADD COLUMN addresses TEXT NOT NULL DEFAULT '';
        ALTER TABLE api_keys ADD COLUMN owner_index BLOB;
        CREATE INDEX api_keys_by_owner ON api_keys(owner_index);

        -- Emergency access (45 CFR 164.312(a)(2)(ii)): a key of short life that must be reviewed.
        CREATE TABLE break_glass (
            key TEXT PRIMARY KEY REFERENCES api_keys(id),
            reason TEXT NOT NULL,
            opened_by TEXT NOT NULL,
            opened_at INTEGER NOT NULL,
            reviewed_by TEXT,
            reviewed_at INTEGER
        ) STRICT, WITHOUT ROWID;

        -- People whose bearer tokens issued up to a moment are refused.
        CREATE TABLE revoked_people (
            person_index BLOB PRIMARY KEY,
            revoked_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        ALTER TABLE pdf_tokens ADD COLUMN issued_by TEXT NOT NULL DEFAULT '';
        ALTER TABLE pdf_tokens ADD COLUMN reason TEXT;
        CREATE INDEX pdf_tokens_by_fax ON pdf_tokens(fax);

        -- A shredded document keeps its row (size, SHA-256, when) and loses its key.
        ALTER TABLE documents ADD COLUMN shredded_at INTEGER;
        CREATE INDEX documents_by_epoch ON documents(epoch) WHERE shredded_at IS NULL;
        -- When its file was gone from the disk, too.
        ALTER TABLE documents ADD COLUMN removed_at INTEGER;
        CREATE INDEX documents_to_remove ON documents(id) WHERE shredded_at IS NOT NULL AND removed_at IS NULL;

        -- When the last document of a fax was shredded: retention looks at the others only.
        ALTER TABLE faxes ADD COLUMN shredded_at INTEGER;
        CREATE INDEX faxes_to_shred ON faxes(mailbox, state, updated_at) WHERE shredded_at IS NULL;
        ALTER TABLE inbound ADD COLUMN shredded_at INTEGER;
        CREATE INDEX inbound_to_shred ON inbound(mailbox, received_at) WHERE shredded_at IS NULL;

        -- Faxes, sent or received, that must not be shredded.
        CREATE TABLE holds (
            fax TEXT PRIMARY KEY,
            reason TEXT NOT NULL,
            placed_by TEXT NOT NULL,
            placed_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE associates (
            provider TEXT PRIMARY KEY,
            sealed_note BLOB NOT NULL,
            agreed_at INTEGER NOT NULL,
            expires_at INTEGER,
            recorded_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
}
