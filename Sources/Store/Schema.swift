import GRDB

/// The tables, as numbered migrations. A migration that has been released is never edited.
///
/// Times are milliseconds since 1970. Columns named `sealed_*` hold AES-256-GCM ciphertext bound to table, column and row; `*_index` is
/// an HMAC by which equal values find each other.
enum Schema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("001 first fax") { database in
            try database.execute(
                sql: """
                    CREATE TABLE meta (
                        name TEXT PRIMARY KEY,
                        value BLOB NOT NULL
                    ) STRICT, WITHOUT ROWID;

                    -- Wrapped by the KEK, which is never in here.
                    CREATE TABLE keys (
                        name TEXT PRIMARY KEY,
                        wrapped BLOB NOT NULL,
                        created_at INTEGER NOT NULL
                    ) STRICT, WITHOUT ROWID;

                    CREATE TABLE documents (
                        id TEXT PRIMARY KEY,
                        kind TEXT NOT NULL,
                        epoch TEXT NOT NULL REFERENCES keys(name),
                        wrapped_key BLOB NOT NULL,
                        size INTEGER NOT NULL,
                        sha256 BLOB NOT NULL,
                        created_at INTEGER NOT NULL
                    ) STRICT, WITHOUT ROWID;

                    CREATE TABLE faxes (
                        id TEXT PRIMARY KEY,
                        state TEXT NOT NULL,
                        owner TEXT NOT NULL,
                        sealed_number BLOB NOT NULL,
                        number_index BLOB NOT NULL,
                        backend TEXT NOT NULL,
                        format TEXT NOT NULL,
                        resolution TEXT NOT NULL,
                        paper TEXT NOT NULL,
                        pages INTEGER,
                        pages_confirmed INTEGER NOT NULL DEFAULT 0,
                        document TEXT NOT NULL REFERENCES documents(id),
                        image TEXT REFERENCES documents(id),
                        error TEXT,
                        created_at INTEGER NOT NULL,
                        updated_at INTEGER NOT NULL
                    ) STRICT, WITHOUT ROWID;
                    CREATE INDEX faxes_in_work ON faxes(state, id)
                        WHERE state IN ('accepted', 'rendering', 'queued', 'sending');
                    CREATE INDEX faxes_by_owner ON faxes(owner, id);

                    CREATE TABLE attempts (
                        fax TEXT NOT NULL REFERENCES faxes(id),
                        number INTEGER NOT NULL,
                        fence INTEGER NOT NULL,
                        phase TEXT NOT NULL,
                        backend TEXT NOT NULL,
                        reference TEXT NOT NULL,
                        image TEXT NOT NULL REFERENCES documents(id),
                        intent_at INTEGER NOT NULL,
                        started_at INTEGER,
                        ended_at INTEGER,
                        outcome TEXT,
                        cause TEXT,
                        evidence TEXT,
                        sealed_remote_identifier BLOB,
                        bit_rate INTEGER,
                        error_correction INTEGER,
                        PRIMARY KEY (fax, number)
                    ) STRICT, WITHOUT ROWID;
                    CREATE INDEX attempts_open ON attempts(fax) WHERE outcome IS NULL;

                    CREATE TABLE attempt_pages (
                        fax TEXT NOT NULL,
                        attempt INTEGER NOT NULL,
                        page INTEGER NOT NULL,
                        bit_rate INTEGER NOT NULL,
                        error_correction INTEGER NOT NULL,
                        bad_rows INTEGER NOT NULL,
                        retries INTEGER NOT NULL,
                        confirmed_at INTEGER NOT NULL,
                        PRIMARY KEY (fax, attempt, page),
                        FOREIGN KEY (fax, attempt) REFERENCES attempts(fax, number)
                    ) STRICT, WITHOUT ROWID;

                    CREATE TABLE inbound (
                        id TEXT PRIMARY KEY,
                        status TEXT NOT NULL,
                        backend TEXT NOT NULL,
                        reference TEXT NOT NULL,
                        sealed_to BLOB NOT NULL,
                        sealed_from BLOB NOT NULL,
                        sealed_remote_identifier BLOB NOT NULL,
                        to_index BLOB NOT NULL,
                        pages INTEGER NOT NULL,
                        document TEXT NOT NULL REFERENCES documents(id),
                        bit_rate INTEGER NOT NULL,
                        error_correction INTEGER NOT NULL,
                        created_at INTEGER NOT NULL,
                        received_at INTEGER NOT NULL
                    ) STRICT, WITHOUT ROWID;
                    CREATE INDEX inbound_by_reference ON inbound(reference);

                    CREATE TABLE api_keys (
                        id TEXT PRIMARY KEY,
                        secret_sha256 BLOB NOT NULL,
                        scopes TEXT NOT NULL,
                        sealed_name BLOB NOT NULL,
                        sealed_owner BLOB NOT NULL,
                        sealed_note BLOB NOT NULL,
                        created_at INTEGER NOT NULL,
                        expires_at INTEGER,
                        last_used_at INTEGER,
                        revoked_at INTEGER
                    ) STRICT, WITHOUT ROWID;

                    CREATE TABLE pdf_tokens (
                        token_sha256 BLOB PRIMARY KEY,
                        fax TEXT NOT NULL REFERENCES faxes(id),
                        expires_at INTEGER NOT NULL
                    ) STRICT, WITHOUT ROWID;
                    """)
        }
        migrator.registerMigration("002 safeguards") { try $0.execute(sql: safeguards) }
        migrator.registerMigration("003 receiving") { try $0.execute(sql: receiving) }
        migrator.registerMigration("004 dispatch") { try $0.execute(sql: dispatch) }
        migrator.registerMigration("005 webhooks") { try $0.execute(sql: webhooks) }
        migrator.registerMigration("006 recipients") { try $0.execute(sql: recipients) }
        migrator.registerMigration("007 requests") { try $0.execute(sql: requests) }
        migrator.registerMigration("008 observability") { try $0.execute(sql: observability) }
        migrator.registerMigration("009 shared calls") { try $0.execute(sql: sharedCalls) }
        migrator.registerMigration("010 makers") { try $0.execute(sql: makers) }
        return migrator
    }
}
