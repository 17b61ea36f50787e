-- What rules are made from, and what changes many of them.
-- `by_...` are lower-case and never NULL: lists sort by them. `standing` is 0 while paused, else 1 more than the worst severity held.
ALTER TABLE rules ADD COLUMN check_name TEXT NOT NULL DEFAULT '';
ALTER TABLE rules ADD COLUMN template TEXT;
ALTER TABLE rules ADD COLUMN period TEXT NOT NULL DEFAULT '24x7';
ALTER TABLE rules ADD COLUMN by_dashboard TEXT NOT NULL DEFAULT '';
ALTER TABLE rules ADD COLUMN by_panel TEXT NOT NULL DEFAULT '';
ALTER TABLE rules ADD COLUMN by_expr TEXT NOT NULL DEFAULT '';
ALTER TABLE rules ADD COLUMN standing INTEGER NOT NULL DEFAULT 1;
UPDATE rules SET
    check_name = json_extract(draft, '$.check.name'),
    period = ifnull(json_extract(draft, '$.period'), '24x7'),
    by_dashboard = lower(ifnull(dashboard, '')),
    by_panel = lower(ifnull(panel, '')),
    by_expr = lower(json_extract(draft, '$.query.expr')),
    standing = iif(json_extract(draft, '$.enabled'),
        1 + ifnull((SELECT max(severity) FROM alarms WHERE alarms.rule = rules.id AND active = 1), 0), 0);
-- lower() knows ASCII only; these are the other letters that the first users write. What else there is follows with the next edit.
UPDATE rules SET
    by_dashboard = replace(replace(replace(replace(replace(replace(replace(
        by_dashboard, 'Á', 'á'), 'É', 'é'), 'Í', 'í'), 'Ó', 'ó'), 'Ú', 'ú'), 'Ü', 'ü'), 'Ñ', 'ñ'),
    by_panel = replace(replace(replace(replace(replace(replace(replace(
        by_panel, 'Á', 'á'), 'É', 'é'), 'Í', 'í'), 'Ó', 'ó'), 'Ú', 'ú'), 'Ü', 'ü'), 'Ñ', 'ñ');
CREATE INDEX rules_template ON rules (template, deleted_at) WHERE template IS NOT NULL;
CREATE INDEX rules_check ON rules (deleted, check_name, by_name, id);
CREATE INDEX rules_period ON rules (deleted, period, by_name, id);
CREATE INDEX rules_place ON rules (deleted, by_dashboard, by_panel, by_name, id);
CREATE INDEX rules_panel ON rules (deleted, by_panel, by_dashboard, by_name, id);
CREATE INDEX rules_expr ON rules (deleted, by_expr, by_name, id);
CREATE INDEX rules_standing ON rules (deleted, standing, by_name, id);
CREATE INDEX rules_origin ON rules (json_extract(draft, '$.origin.dashboard'))
    WHERE deleted_at IS NULL AND json_extract(draft, '$.origin.dashboard') IS NOT NULL;

-- `by_name` is lower-case. `released`: the rules that were unlinked when it was deleted, as JSON, for its restoring.
CREATE TABLE templates (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    by_name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    deleted_at INTEGER,
    draft TEXT NOT NULL,
    released TEXT NOT NULL DEFAULT '[]'
) STRICT;
CREATE INDEX templates_name ON templates (by_name, id);

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

-- `import` names the taking over of another system's history that made an alarm; such alarms have no rule and no transitions.
ALTER TABLE alarms ADD COLUMN import BLOB;
CREATE INDEX alarms_import ON alarms (import) WHERE import IS NOT NULL;
-- A history that was taken over is long from the first day: it pages in these orders, too.
CREATE INDEX alarms_subject ON alarms (by_subject, raised_at, n, active);
CREATE INDEX alarms_place ON alarms (by_place, raised_at, n, active);
