// The tables of the embedded store. A published step never changes: every change is a new step.

/** In the file's header ("acon"), to recognise a file of another program. */
export const APPLICATION_ID = 0x61_63_6f_6e;

const FIRST = `
CREATE TABLE cluster (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  version INTEGER NOT NULL DEFAULT 0,
  head TEXT
) STRICT;

CREATE TABLE source (
  id INTEGER PRIMARY KEY,
  cluster INTEGER NOT NULL REFERENCES cluster,
  key TEXT NOT NULL,
  name TEXT NOT NULL,
  first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  UNIQUE (cluster, key)
) STRICT;

-- Sums over the sources; null where nothing was read of them.
CREATE TABLE reading (
  id INTEGER PRIMARY KEY,
  cluster INTEGER NOT NULL REFERENCES cluster,
  slot INTEGER NOT NULL,
  at INTEGER NOT NULL,
  complete INTEGER NOT NULL,
  active INTEGER,
  dormant INTEGER,
  UNIQUE (cluster, slot)
) STRICT;
CREATE INDEX reading_by_time ON reading (at, cluster, slot);
CREATE INDEX reading_of_cluster ON reading (cluster, at, slot);

-- Apart from the readings, so that a chart does not page through the bodies. JSON, zstd.
CREATE TABLE snapshot (
  reading INTEGER PRIMARY KEY REFERENCES reading ON DELETE CASCADE,
  body BLOB NOT NULL
) STRICT;

-- By source first, so that a chart of one source reads neighbours. No reference to reading: it would need a second index.
CREATE TABLE figure (
  source INTEGER NOT NULL REFERENCES source,
  reading INTEGER NOT NULL,
  active INTEGER NOT NULL,
  dormant INTEGER NOT NULL,
  PRIMARY KEY (source, reading)
) WITHOUT ROWID, STRICT;

-- Hours since 1970.
CREATE TABLE cluster_hour (
  cluster INTEGER NOT NULL REFERENCES cluster,
  hour INTEGER NOT NULL,
  readings INTEGER NOT NULL,
  incomplete INTEGER NOT NULL,
  dormant_min INTEGER, dormant_median INTEGER, dormant_max INTEGER,
  pooled_min INTEGER, pooled_median INTEGER, pooled_max INTEGER,
  PRIMARY KEY (cluster, hour)
) WITHOUT ROWID, STRICT;

CREATE TABLE source_hour (
  source INTEGER NOT NULL REFERENCES source,
  hour INTEGER NOT NULL,
  dormant_min INTEGER NOT NULL, dormant_median INTEGER NOT NULL, dormant_max INTEGER NOT NULL,
  pooled_min INTEGER NOT NULL, pooled_median INTEGER NOT NULL, pooled_max INTEGER NOT NULL,
  PRIMARY KEY (source, hour)
) WITHOUT ROWID, STRICT;

CREATE TABLE claim (
  cluster TEXT NOT NULL,
  slot INTEGER NOT NULL,
  instance TEXT NOT NULL,
  PRIMARY KEY (cluster, slot)
) WITHOUT ROWID, STRICT;

CREATE TABLE checkpoint (cluster TEXT PRIMARY KEY, at INTEGER NOT NULL, head BLOB NOT NULL) STRICT;
CREATE TABLE checkpoint_piece (
  cluster TEXT NOT NULL REFERENCES checkpoint ON DELETE CASCADE,
  kind TEXT NOT NULL,
  position INTEGER NOT NULL,
  key TEXT NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (cluster, kind, position)
) STRICT;

-- ended_at is null while it has not ended.
CREATE TABLE alert (
  id TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  cluster TEXT NOT NULL,
  since INTEGER NOT NULL,
  ended_at INTEGER,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX alert_by_end ON alert (ended_at);
CREATE TABLE alert_group (
  id TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  since INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE TABLE silence (
  id TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  at INTEGER NOT NULL,
  ended_at INTEGER,
  body TEXT NOT NULL
) STRICT;

-- thread: of the deliveries that share one, one is out at a time. since: of the first edition that waits.
-- held_until, held_edition: whoever took it last, until when it is theirs, and which edition they got.
CREATE TABLE delivery (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  thread TEXT NOT NULL,
  about TEXT,
  since INTEGER NOT NULL,
  body TEXT NOT NULL,
  edition INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  due INTEGER NOT NULL,
  in_doubt INTEGER NOT NULL DEFAULT 0,
  held_by TEXT,
  held_until INTEGER,
  held_edition INTEGER
) STRICT;
CREATE INDEX delivery_by_thread ON delivery (thread);
CREATE INDEX delivery_by_age ON delivery (since, seq);
-- Replies and notes that were sent or given up: never again.
CREATE TABLE told (id TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID, STRICT;
CREATE TABLE place (about TEXT PRIMARY KEY, channel TEXT NOT NULL, ts TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID, STRICT;
CREATE TABLE edition (last INTEGER NOT NULL) STRICT;
INSERT INTO edition VALUES (0);

-- The bot that has the file open, or had it last.
CREATE TABLE holder (pid INTEGER NOT NULL, host TEXT NOT NULL, since INTEGER NOT NULL) STRICT;
`;

/** Null in what earlier versions wrote, and where it is not known. */
const USUAL = `
ALTER TABLE figure ADD COLUMN usual_dormant INTEGER;
ALTER TABLE figure ADD COLUMN usual_pooled INTEGER;
ALTER TABLE source_hour ADD COLUMN usual_dormant INTEGER;
ALTER TABLE source_hour ADD COLUMN usual_pooled INTEGER;
`;

/** The host of all nodes together is empty. A figure is null where the node was not read. */
const NODES = `
CREATE TABLE node (
  id INTEGER PRIMARY KEY,
  cluster INTEGER NOT NULL REFERENCES cluster,
  host TEXT NOT NULL,
  UNIQUE (cluster, host)
) STRICT;

-- By node first, as figures of sources.
CREATE TABLE node_figure (
  node INTEGER NOT NULL REFERENCES node,
  reading INTEGER NOT NULL,
  complete INTEGER NOT NULL,
  connections INTEGER,
  most INTEGER,
  PRIMARY KEY (node, reading)
) WITHOUT ROWID, STRICT;

CREATE TABLE node_hour (
  node INTEGER NOT NULL REFERENCES node,
  hour INTEGER NOT NULL,
  readings INTEGER NOT NULL,
  incomplete INTEGER NOT NULL,
  connections_min INTEGER, connections_median INTEGER, connections_max INTEGER,
  most INTEGER,
  PRIMARY KEY (node, hour)
) WITHOUT ROWID, STRICT;
`;

/** Readings that people look at, packed, for half an hour. */
const SHOWN = `
CREATE TABLE shown (
  cluster TEXT NOT NULL,
  at INTEGER NOT NULL,
  until INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (cluster, at)
) STRICT;
CREATE INDEX shown_by_end ON shown (until);
`;

/** Step n migrates the file from version n to n + 1. */
export const STEPS: readonly string[] = [FIRST, USUAL, NODES, SHOWN];
