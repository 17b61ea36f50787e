-- Telling people, and what keeps it quiet.
CREATE TABLE receivers (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    draft TEXT NOT NULL,
    secret BLOB,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    deleted_at INTEGER
) STRICT, WITHOUT ROWID;

-- Alarms (their `n`) that somebody must look at because they changed, written with the change. Taken out when it was planned who is told, unless
-- `mark` has grown since: then they changed again.
CREATE TABLE outbox (
    alarm INTEGER PRIMARY KEY,
    mark INTEGER NOT NULL DEFAULT 0,
    since INTEGER NOT NULL
) STRICT;

-- What each receiver was told of each alarm. `severity` 0: that it cleared; NULL: nothing yet. `seq` is the alarm's then. `why` says why it is
-- not told of what is so now, `look_at` when that may be otherwise (the largest integer: when somebody changes something). `delivery` is the one
-- that is open, or dead, for it; `says` is the severity that it states of this alarm, `says_seq` the alarm's, `says_again` 1 when it repeats what was told.
-- `maybe` is 1 when a message that said that it stands may have arrived, which nobody could tell, until one is known to have.
CREATE TABLE told (
    alarm INTEGER NOT NULL,
    receiver TEXT NOT NULL,
    severity INTEGER,
    seq INTEGER NOT NULL DEFAULT 0,
    first_at INTEGER,
    last_at INTEGER,
    reminders INTEGER NOT NULL DEFAULT 0,
    delivery INTEGER,
    says INTEGER,
    says_seq INTEGER,
    says_again INTEGER NOT NULL DEFAULT 0,
    maybe INTEGER NOT NULL DEFAULT 0,
    why TEXT,
    look_at INTEGER,
    PRIMARY KEY (alarm, receiver)
) STRICT, WITHOUT ROWID;
CREATE INDEX told_look ON told (look_at) WHERE look_at IS NOT NULL;
CREATE INDEX told_delivery ON told (delivery) WHERE delivery IS NOT NULL;
CREATE INDEX told_standing ON told (receiver, alarm) WHERE severity > 0;

-- `severity` as it sorts (0: cleared). `message` is JSON: all that it says, so that it reads the same at each try. `since` is when it was made or
-- sent again. `state`: queued, sending, delivered, dead, dropped. `answer` is what the far end said last, `why` in words what went wrong or why it
-- was dropped. `search` is lower-case. `again` is 1 when it says nothing but what was told before: news goes first.
CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    receiver TEXT NOT NULL,
    kind TEXT NOT NULL,
    severity INTEGER NOT NULL,
    again INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL,
    alarm_count INTEGER NOT NULL,
    title TEXT NOT NULL,
    search TEXT NOT NULL,
    message TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    since INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    done_at INTEGER,
    answer TEXT,
    why TEXT
) STRICT;
CREATE INDEX deliveries_open ON deliveries (receiver, again, severity DESC, id) WHERE state IN ('queued', 'sending');
CREATE INDEX deliveries_dead ON deliveries (receiver, id) WHERE state = 'dead';
CREATE INDEX deliveries_done ON deliveries (receiver, done_at) WHERE state = 'delivered';
CREATE INDEX deliveries_old ON deliveries (done_at) WHERE done_at IS NOT NULL;
CREATE INDEX deliveries_receiver ON deliveries (receiver, id);
CREATE INDEX deliveries_state ON deliveries (state, id);

-- Which alarms a delivery speaks of.
CREATE TABLE delivery_alarms (
    alarm INTEGER NOT NULL,
    delivery INTEGER NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    PRIMARY KEY (alarm, delivery)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_alarms_delivery ON delivery_alarms (delivery);

-- An event without a rule and with an action is of what keeps it quiet: acknowledged, muted, maintenance.
-- JSON: who has seen it, when, with which note.
ALTER TABLE alarms ADD COLUMN acknowledged TEXT;

-- One that has ended stays for 400 days: when a period opens it matters whether one ended meanwhile. `until` is not after `starts` for one that was ended at once.
CREATE TABLE mutes (
    id BLOB PRIMARY KEY,
    kind TEXT NOT NULL,
    target TEXT NOT NULL,
    name TEXT NOT NULL,
    starts INTEGER NOT NULL,
    until INTEGER NOT NULL,
    reason TEXT NOT NULL,
    by TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX mutes_until ON mutes (until);

-- `since`: no hour of it before counts. `version` 0, and deleted: what another was until it was changed while it was in force.
CREATE TABLE maintenance (
    id BLOB PRIMARY KEY,
    version INTEGER NOT NULL,
    draft TEXT NOT NULL,
    since INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    deleted_at INTEGER
) STRICT, WITHOUT ROWID;

-- People: groups, and what makes tokens and sessions known by something that opens nothing.
CREATE TABLE groups (
    id BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    by_name TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE members (
    member_group BLOB NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    member BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (member_group, member)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_member ON members (member);
ALTER TABLE users ADD COLUMN last_seen_at INTEGER;
ALTER TABLE tokens ADD COLUMN name TEXT NOT NULL DEFAULT '';

-- `search` is who did what to what, and its name.
ALTER TABLE audit ADD COLUMN search TEXT NOT NULL DEFAULT '';
UPDATE audit SET search = lower(concat_ws(char(10), by, what, subject,
    coalesce(after ->> '$.name', after ->> '$.rule.name', after ->> '$.template.name', after ->> '$.calendar.name',
        after ->> '$.source.name')));
UPDATE audit SET search = replace(replace(replace(replace(replace(replace(replace(
    search, 'Á', 'á'), 'É', 'é'), 'Í', 'í'), 'Ó', 'ó'), 'Ú', 'ú'), 'Ü', 'ü'), 'Ñ', 'ñ');
CREATE INDEX audit_at ON audit (at, id);
CREATE INDEX audit_by ON audit (by, at, id);

-- What can be brought back, until it is gone for good.
CREATE INDEX rules_gone ON rules (deleted_at) WHERE deleted_at IS NOT NULL;
