// Connections without a complete request. An honest client completes its request within milliseconds. When there are
// too many connections, the oldest are closed.

export interface Crowd<Connection> {
  /** The connection was opened, or its request was answered. */
  waits(connection: Connection): void;
  /** This many bytes of its request are in memory. */
  holds(connection: Connection, bytes: number): void;
  /** Its request is complete, or it was closed. */
  leaves(connection: Connection): void;
}

export function createCrowd<Connection>(input: {
  readonly most: number;
  /** Sum over all connections. */
  readonly mostBytes: number;
  readonly cut: (connection: Connection) => void;
}): Crowd<Connection> {
  /** Bytes by connection; the one that has waited longest comes first. */
  const waiting = new Map<Connection, number>();
  let bytes = 0;

  const leaves = (connection: Connection) => {
    bytes -= waiting.get(connection) ?? 0;
    waiting.delete(connection);
  };
  const cutOff = (connection: Connection) => {
    leaves(connection);
    input.cut(connection);
  };

  return {
    leaves,
    waits(connection) {
      leaves(connection);
      waiting.set(connection, 0);
      const [oldest] = waiting.keys();
      if (waiting.size > input.most && oldest !== undefined) cutOff(oldest);
    },
    holds(connection, size) {
      const before = waiting.get(connection);
      if (before === undefined) return;
      waiting.set(connection, size);
      bytes += size - before;
      // The largest is closed, not the oldest: Slack's requests are small, and an empty connection frees no memory.
      if (bytes > input.mostBytes) cutOff(heaviest(waiting, connection));
    },
  };
}

function heaviest<Connection>(waiting: ReadonlyMap<Connection, number>, known: Connection): Connection {
  let [found, most] = [known, waiting.get(known) ?? 0];
  for (const [connection, bytes] of waiting) if (bytes > most) [found, most] = [connection, bytes];
  return found;
}
