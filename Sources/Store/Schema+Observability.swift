extension Schema {
    /// Migration 008: how many faxes are in each state, and what stands still, without a search.
    static let observability = """
        -- Kept by the triggers below, in the transaction of the change: a scrape must not count the faxes of years.
        CREATE TABLE fax_counts (
            state TEXT NOT NULL,
            priority TEXT NOT NULL,
            faxes INTEGER NOT NULL,
            PRIMARY KEY (state, priority)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO fax_counts (state, priority, faxes) SELECT state, priority, count(*) FROM faxes GROUP BY state, priority;

        CREATE TRIGGER fax_counts_inserted AFTER INSERT ON faxes BEGIN
            INSERT INTO fax_counts (state, priority, faxes) VALUES (NEW.state, NEW.priority, 1)
                ON CONFLICT (state, priority) DO UPDATE SET faxes = faxes + 1;
        END;
        CREATE TRIGGER fax_counts_updated AFTER UPDATE OF state, priority ON faxes
            WHEN OLD.state <> NEW.state OR OLD.priority <> NEW.priority BEGIN
            UPDATE fax_counts SET faxes = faxes - 1 WHERE state = OLD.state AND priority = OLD.priority;
            INSERT INTO fax_counts (state, priority, faxes) VALUES (NEW.state, NEW.priority, 1)
                ON CONFLICT (state, priority) DO UPDATE SET faxes = faxes + 1;
        END;
        CREATE TRIGGER fax_counts_deleted AFTER DELETE ON faxes BEGIN
            UPDATE fax_counts SET faxes = faxes - 1 WHERE state = OLD.state AND priority = OLD.priority;
        END;

        -- The watchdog's: what has a deadline of its own, the least moved first.
        CREATE INDEX faxes_standing ON faxes(state, moved_at)
            WHERE stalled_at IS NULL AND state IN ('rendering', 'held', 'sending', 'unknown');
        CREATE INDEX faxes_stalled ON faxes(state, id) WHERE stalled_at IS NOT NULL;
        CREATE INDEX lanes_busy ON lanes(number_index) WHERE state = 'busy';
        """
}
