extension Schema {
    /// Migration 009: several faxes in one call, and the order in which documents are rendered.
    static let sharedCalls = """
        -- Pages of the call's file before the fax's own.
        ALTER TABLE attempts ADD COLUMN file_offset INTEGER NOT NULL DEFAULT 0;
        -- Documents are rendered in the order in which faxes are called.
        CREATE INDEX faxes_to_render ON faxes(rank, id) WHERE state = 'accepted';
        """
}
