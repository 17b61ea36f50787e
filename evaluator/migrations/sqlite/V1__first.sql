-- Times are Unix milliseconds. Severities are numbers as they sort: 1 warning, 2 unknown, 3 major, 4 critical.
-- `search` columns hold lower-case text, one field a line, so that a word never matches across two fields.

CREATE TABLE rules (
    id BLOB PRIMARY KEY,
    version INTEGER NOT NULL,
    by_name TEXT NOT NULL,
    dashboard TEXT,
    panel TEXT,
    interval_s INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    deleted_at INTEGER,
    deleted INTEGER NOT NULL GENERATED ALWAYS AS (deleted_at IS NOT NULL) VIRTUAL,
    time_zone TEXT NOT NULL,
    search TEXT NOT NULL,
    draft TEXT NOT NULL
) STRICT;
CREATE INDEX rules_name ON rules (deleted, by_name, id);
CREATE INDEX rules_created ON rules (deleted, created_at, id);
CREATE INDEX rules_updated ON rules (deleted, updated_at, id);
CREATE INDEX rules_interval ON rules (deleted, interval_s, by_name, id);
CREATE INDEX rules_dashboard ON rules (deleted, dashboard, panel);

-- One row per series of a rule whose state is worth keeping. `record` repeats what `run` names.
CREATE TABLE series_state (
    rule BLOB NOT NULL,
    series TEXT NOT NULL,
    seq INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    state BLOB NOT NULL,
    basis BLOB NOT NULL,
    memory BLOB,
    run BLOB,
    record BLOB,
    PRIMARY KEY (rule, series)
) STRICT, WITHOUT ROWID;
CREATE INDEX series_state_record ON series_state (record) WHERE record IS NOT NULL;

-- `ended_at` is the largest integer while an alarm is active, so that no key is ever NULL.
-- `active` repeats that as 0 or 1, a plain column because an index on a generated one never spares the row.
-- `shown` is the severity that lists show: the one held while active, the worst once cleared.
-- `n` stands for the id elsewhere: ids are hashes, which would scatter every index over the file.
CREATE TABLE alarms (
    n INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    rule BLOB,
    severity INTEGER NOT NULL,
    worst INTEGER NOT NULL,
    shown INTEGER NOT NULL,
    raised_at INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    active INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    value ANY,
    raised_value ANY,
    search TEXT NOT NULL,
    by_subject TEXT NOT NULL,
    by_place TEXT NOT NULL,
    subject_key TEXT NOT NULL,
    rule_name TEXT NOT NULL,
    dashboard TEXT,
    panel TEXT,
    unit TEXT,
    reason TEXT NOT NULL,
    message TEXT NOT NULL
) STRICT;
-- The columns after `n` only spare a look at the row when alarms are counted.
CREATE INDEX alarms_raised ON alarms (raised_at, n, active);
CREATE INDEX alarms_severity ON alarms (shown, raised_at, n, active);
CREATE INDEX alarms_rule ON alarms (rule, active, severity) WHERE rule IS NOT NULL;
CREATE INDEX alarms_ended ON alarms (ended_at, n, raised_at, changed_at, severity, active);

-- The active alarms, few among many, in every order. `search` is there to be looked through without the rows.
CREATE INDEX active_severity ON alarms (shown, raised_at, n, active, search) WHERE active = 1;
CREATE INDEX active_raised ON alarms (raised_at, n, active, search) WHERE active = 1;
CREATE INDEX active_subject ON alarms (by_subject, raised_at, n) WHERE active = 1;
CREATE INDEX active_place ON alarms (by_place, raised_at, n) WHERE active = 1;

-- `event` is the id of the transition's event, `alarm` its alarm's `n`. `evidence` and `record` (which the evidence names) go when they are
-- too old, the rest stays.
CREATE TABLE transitions (
    event INTEGER PRIMARY KEY,
    alarm INTEGER NOT NULL,
    rule BLOB,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    before INTEGER,
    after INTEGER,
    subject_key TEXT NOT NULL,
    reason TEXT NOT NULL,
    value ANY,
    message TEXT NOT NULL,
    context TEXT NOT NULL,
    record BLOB,
    evidence BLOB,
    UNIQUE (subject_key, seq)
) STRICT;
CREATE INDEX transitions_alarm ON transitions (alarm, seq);
CREATE INDEX transitions_rule ON transitions (rule, at) WHERE rule IS NOT NULL;
CREATE INDEX transitions_evidence ON transitions (at) WHERE evidence IS NOT NULL;
CREATE INDEX transitions_record ON transitions (record) WHERE record IS NOT NULL;

-- An event without a rule is a transition's.
CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    rule BLOB,
    action TEXT
) STRICT;

CREATE TABLE records (
    hash BLOB PRIMARY KEY,
    json TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE components (
    hash BLOB PRIMARY KEY,
    wasm BLOB NOT NULL
) STRICT;

CREATE TABLE users (
    id BLOB PRIMARY KEY,
    username TEXT NOT NULL,
    by_name TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
    token_hash BLOB PRIMARY KEY,
    user BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_user ON sessions (user);

CREATE TABLE tokens (
    token_hash BLOB PRIMARY KEY,
    prefix TEXT NOT NULL,
    user BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    used_at INTEGER,
    expires_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX tokens_user ON tokens (user);

CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    by TEXT NOT NULL,
    what TEXT NOT NULL,
    subject TEXT NOT NULL,
    before TEXT,
    after TEXT
) STRICT;
