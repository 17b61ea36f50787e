-- Sources elsewhere. `settings` is JSON without the secrets; `secret` holds those, encrypted, NULL when there are none.
CREATE TABLE sources (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    settings TEXT NOT NULL,
    secret BLOB,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    deleted_at INTEGER
) STRICT, WITHOUT ROWID;

-- The rules that hang on a source elsewhere, so that few are looked at among many.
CREATE INDEX rules_source ON rules (json_extract(draft, '$.query.source'))
    WHERE deleted_at IS NULL AND json_extract(draft, '$.enabled') AND json_extract(draft, '$.query.source') <> 'local';
