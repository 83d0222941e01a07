extension Schema {
    /// Migration 004: when and how each fax is dialled, the destinations' lanes, and what happened, for those who listen.
    static let dispatch = """
        ALTER TABLE faxes ADD COLUMN priority TEXT NOT NULL DEFAULT 'normal';
        -- The lowest goes first.
        ALTER TABLE faxes ADD COLUMN rank INTEGER NOT NULL DEFAULT 100;
        -- No call before.
        ALTER TABLE faxes ADD COLUMN due_at INTEGER NOT NULL DEFAULT 0;
        -- No call after.
        ALTER TABLE faxes ADD COLUMN not_after INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE faxes ADD COLUMN send_at INTEGER;
        ALTER TABLE faxes ADD COLUMN hours TEXT;
        ALTER TABLE faxes ADD COLUMN purpose TEXT;
        ALTER TABLE faxes ADD COLUMN sealed_terms BLOB;
        ALTER TABLE faxes ADD COLUMN max_dials INTEGER;
        ALTER TABLE faxes ADD COLUMN max_tries INTEGER;
        -- What its calls came to so far (RetryProgress); NULL before the first.
        ALTER TABLE faxes ADD COLUMN progress TEXT;
        ALTER TABLE faxes ADD COLUMN hold TEXT;
        ALTER TABLE faxes ADD COLUMN batch TEXT;
        ALTER TABLE faxes ADD COLUMN resent_from TEXT;
        ALTER TABLE faxes ADD COLUMN cancel_requested_at INTEGER;
        -- When anything last happened to it.
        ALTER TABLE faxes ADD COLUMN moved_at INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE faxes ADD COLUMN stalled_at INTEGER;
        UPDATE faxes SET moved_at = updated_at, not_after = unixepoch() * 1000 + 10800000;

        DROP INDEX faxes_in_work;
        CREATE INDEX faxes_in_work ON faxes(state, id)
            WHERE state IN ('accepted', 'rendering', 'scheduled', 'queued', 'held', 'sending', 'unknown');
        CREATE INDEX faxes_in_lane ON faxes(number_index, rank, id) WHERE state = 'queued';
        CREATE INDEX faxes_due_in_lane ON faxes(number_index, due_at) WHERE state = 'queued';
        CREATE INDEX faxes_in_call ON faxes(number_index) WHERE state = 'sending';
        CREATE INDEX faxes_scheduled ON faxes(due_at) WHERE state = 'scheduled';
        CREATE INDEX faxes_lapsing ON faxes(not_after) WHERE state IN ('scheduled', 'queued');
        CREATE INDEX faxes_by_number ON faxes(number_index, id);
        CREATE INDEX faxes_by_batch ON faxes(batch, id) WHERE batch IS NOT NULL;

        ALTER TABLE attempts ADD COLUMN route TEXT NOT NULL DEFAULT '';
        ALTER TABLE attempts ADD COLUMN media TEXT;
        ALTER TABLE attempts ADD COLUMN max_rate INTEGER;
        ALTER TABLE attempts ADD COLUMN ecm_asked INTEGER;
        ALTER TABLE attempts ADD COLUMN first_page INTEGER NOT NULL DEFAULT 0;
        -- The call's T.30 frames, as text.
        ALTER TABLE attempts ADD COLUMN trace TEXT;
        CREATE INDEX attempts_by_reference ON attempts(reference);

        -- A destination that has faxes waiting or in a call: one call at a time goes to it.
        CREATE TABLE lanes (
            number_index BLOB PRIMARY KEY,
            -- `ready`: the head may be called now. `waiting`: nothing may. `busy`: it is being called. `idle`: nothing waits, but nobody
            -- calls it before `not_before`.
            state TEXT NOT NULL,
            rank INTEGER NOT NULL DEFAULT 0,
            head TEXT NOT NULL DEFAULT '',
            -- When it is to be looked at again: another fax is due, or its rest is over; 0: at no time.
            wakes_at INTEGER NOT NULL DEFAULT 0,
            -- It was busy or nobody answered: no call before.
            not_before INTEGER NOT NULL DEFAULT 0
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX lanes_ready ON lanes(rank, head) WHERE state = 'ready';
        CREATE INDEX lanes_waking ON lanes(wakes_at) WHERE wakes_at > 0;
        INSERT INTO lanes (number_index, state, wakes_at) SELECT DISTINCT number_index, 'waiting', 1 FROM faxes WHERE state = 'queued';

        -- How the last fax got through to a destination, for 30 days, and how often in a row nobody answered there.
        CREATE TABLE destination_memory (
            number_index BLOB PRIMARY KEY,
            rung INTEGER,
            worked_at INTEGER,
            unanswered INTEGER NOT NULL DEFAULT 0,
            unanswered_at INTEGER NOT NULL DEFAULT 0
        ) STRICT, WITHOUT ROWID;

        -- What happened to faxes, written with what it tells: the outbox of webhooks and event streams. No PHI.
        CREATE TABLE fax_events (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            fax TEXT NOT NULL,
            at INTEGER NOT NULL,
            type TEXT NOT NULL,
            data TEXT NOT NULL
        ) STRICT;
        CREATE INDEX fax_events_by_fax ON fax_events(fax, id);
        """
}
