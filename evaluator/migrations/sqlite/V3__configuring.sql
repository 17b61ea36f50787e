-- What rules are made from, and what changes many of them.
ALTER TABLE rules ADD COLUMN check_name TEXT NOT NULL DEFAULT '';
ALTER TABLE rules ADD COLUMN template TEXT;
UPDATE rules SET check_name = json_extract(draft, '$.check.name');
CREATE INDEX rules_template ON rules (template) WHERE template IS NOT NULL;
CREATE INDEX rules_origin ON rules (json_extract(draft, '$.origin.dashboard'))
    WHERE deleted_at IS NULL AND json_extract(draft, '$.origin.dashboard') IS NOT NULL;

CREATE TABLE templates (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    by_name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    deleted_at INTEGER,
    draft TEXT NOT NULL
) STRICT;

CREATE TABLE calendars (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    deleted_at INTEGER,
    calendar TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Dashboards as they were loaded: `dashboard` is a frame of Grafana's JSON, unchanged, with `meta` and the models of its library panels.
CREATE TABLE dashboards (
    uid TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    folder TEXT,
    by_place TEXT NOT NULL,
    search TEXT NOT NULL,
    origin TEXT NOT NULL,
    url TEXT,
    panels INTEGER NOT NULL,
    targets INTEGER NOT NULL,
    problems INTEGER NOT NULL,
    loaded_at INTEGER NOT NULL,
    dashboard TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX dashboards_place ON dashboards (by_place, uid);

-- What lets in where no source is: Grafana. Encrypted as the sources' secrets are.
CREATE TABLE secrets (
    name TEXT PRIMARY KEY,
    secret BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Grafana's data sources, those that exported dashboards name, and the sources that stand for them (`source`: confirmed by somebody).
CREATE TABLE datasources (
    uid TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    url TEXT NOT NULL,
    is_default INTEGER NOT NULL,
    origin TEXT NOT NULL,
    source TEXT
) STRICT, WITHOUT ROWID;

-- Rules whose dashboard had another query when they were last compared: `before` is the rule's, `now` the dashboard's (null: gone), `expr` what
-- the rule would ask. A row counts as long as the rule's origin still has that query and has not kept it: see the view.
CREATE TABLE drift (
    rule BLOB PRIMARY KEY,
    before TEXT NOT NULL,
    now TEXT,
    expr TEXT
) STRICT, WITHOUT ROWID;
CREATE VIEW drifted AS
    SELECT drift.rule, drift.before, drift.now, drift.expr FROM drift JOIN rules ON rules.id = drift.rule
    WHERE rules.deleted_at IS NULL AND json_extract(rules.draft, '$.origin.query') = drift.before
      AND ifnull(drift.now, '') IS NOT json_extract(rules.draft, '$.origin.kept');
