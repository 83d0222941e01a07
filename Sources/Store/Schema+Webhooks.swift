extension Schema {
    /// Migration 005: where clients are told of events, the secrets by which messages are signed, and the messages.
    static let webhooks = """
        CREATE TABLE webhook_endpoints (
            id TEXT PRIMARY KEY,
            -- The key of whose faxes it is told.
            owner TEXT NOT NULL,
            -- It is told of all faxes, sent or received.
            is_all INTEGER NOT NULL,
            -- Types with spaces between; empty: those that are not told too often.
            events TEXT NOT NULL,
            sealed_url BLOB NOT NULL,
            created_at INTEGER NOT NULL,
            -- It answered 410.
            disabled_at INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX webhook_endpoints_by_owner ON webhook_endpoints(owner);

        -- The holder is an endpoint's id, or `owner/<key>` for the callback_url of that key's faxes.
        CREATE TABLE webhook_secrets (
            id TEXT PRIMARY KEY,
            holder TEXT NOT NULL,
            sealed_secret BLOB NOT NULL,
            created_at INTEGER NOT NULL,
            -- A former one signs until then; NULL: the current one.
            expires_at INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX webhook_secrets_current ON webhook_secrets(holder) WHERE expires_at IS NULL;
        CREATE INDEX webhook_secrets_by_holder ON webhook_secrets(holder, id);

        -- Of fax_events up to here there are messages. What happened before there were webhooks is told to nobody.
        CREATE TABLE webhook_cursor (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            event INTEGER NOT NULL
        ) STRICT;
        INSERT INTO webhook_cursor (id, event) SELECT 1, coalesce(max(id), 0) FROM fax_events;

        CREATE TABLE webhook_deliveries (
            -- The message's `webhook-id`. Ids sort by age.
            id TEXT PRIMARY KEY,
            -- An endpoint's id, or `callback/...`: key and origin of a fax's callback_url.
            target TEXT NOT NULL,
            owner TEXT NOT NULL,
            -- NULL: the endpoint's.
            sealed_url BLOB,
            -- NULL: a test.
            event INTEGER,
            type TEXT NOT NULL,
            -- No PHI.
            body TEXT NOT NULL,
            -- `pending`, `delivered` or `dead`.
            state TEXT NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0,
            due_at INTEGER NOT NULL,
            last_status INTEGER,
            last_failure TEXT,
            created_at INTEGER NOT NULL,
            ended_at INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX webhook_deliveries_once ON webhook_deliveries(event, target) WHERE event IS NOT NULL;
        CREATE INDEX webhook_deliveries_due ON webhook_deliveries(due_at, target) WHERE state = 'pending';
        CREATE INDEX webhook_deliveries_by_target ON webhook_deliveries(target, state, id);
        CREATE INDEX webhook_deliveries_by_owner ON webhook_deliveries(owner, state, id);
        CREATE INDEX webhook_deliveries_over ON webhook_deliveries(state, ended_at) WHERE ended_at IS NOT NULL;
        """
}
