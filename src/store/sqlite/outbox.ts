// The outbox: leases deliveries and records their results.

import { type Delivery, LONGEST_POSTPONEMENT, type MessageRef } from '../../core/alerting/delivery.ts';
import type { Adopted, LeasedDelivery } from '../../core/ports/store.ts';
import { DELIVERY } from '../records.ts';
import type { Database } from './database.ts';
import { countIn, countOrNull, isIn, recordIn, type SqlRow, textIn, textOrNull } from './rows.ts';

export interface Take {
  readonly instance: string;
  readonly now: number;
  readonly leaseMs: number;
  readonly limit: number;
  readonly refreshes: number;
}

/** Whether a time is in the future. An implausibly distant time counts as past. */
const ahead = (time: string): string => `(${time} > :now AND ${time} <= :now + ${LONGEST_POSTPONEMENT})`;

/**
 * The severity of a refresh; null for everything else. Null also while an older edition is leased, which may be a
 * change: if it does not arrive, the newer edition must do its work.
 */
const refreshOf = (row: string): string =>
  `CASE WHEN ${row}.held_until IS NOT NULL AND ${row}.held_edition <> ${row}.edition THEN NULL
        WHEN json_valid(${row}.body) THEN ${row}.body ->> 'refresh' END`;

/**
 * A waiting message is replaced by its newest decision and keeps its queue position. Everything else is written once. A
 * refresh adds nothing to a change that waits. A change that replaces a refresh does not inherit its waits.
 */
export function queue(database: Database, delivery: Delivery): void {
  const { id, kind, about, at, refresh } = delivery;
  if (kind !== 'message' && database.get('SELECT 1 FROM told WHERE id = :id', { id }) !== null) return;
  const waiting = database.get(
    `SELECT ${refreshOf('mine')} AS refresh, held_until FROM delivery AS mine WHERE id = :id AND kind = 'message'`,
    { id },
  );
  const isChange = waiting !== null && textOrNull(waiting, 'refresh') === null;
  if (isChange && refresh !== null && countOrNull(waiting, 'held_until') === null) return;
  database.run('UPDATE edition SET last = last + 1');
  database.run(
    `INSERT INTO delivery (id, kind, thread, about, since, due, body, edition)
     VALUES (:id, :kind, :thread, :about, :at, :at, :body, (SELECT last FROM edition))
     ON CONFLICT (id) DO UPDATE SET body = excluded.body, edition = excluded.edition WHERE kind = 'message'`,
    { id, kind, thread: about ?? id, about, at, body: JSON.stringify(DELIVERY.encode(delivery)) },
  );
  if (waiting === null || isChange || refresh !== null) return;
  // The number of attempts identifies a lease.
  database.run(
    `UPDATE delivery SET since = :at, due = :at, attempts = iif(held_until IS NULL, 0, attempts) WHERE id = :id`,
    { id, at },
  );
}

/**
 * The next deliveries of each thread: its message, the first reply if the message has a position, a refresh. None while
 * another delivery of the thread is leased.
 */
const NEXT = `
  SELECT seq, id, thread, body, edition, attempts, in_doubt, held_until, ${refreshOf('mine')} AS refresh
  FROM delivery AS mine
  WHERE NOT ${ahead('due')} AND NOT ifnull(${ahead('held_until')}, FALSE)
    AND NOT EXISTS (
      SELECT 1 FROM delivery AS other
      WHERE other.thread = mine.thread AND other.seq <> mine.seq AND (
        ${ahead('other.held_until')}
        OR (other.kind = 'message' AND NOT ${ahead('other.due')} AND ${refreshOf('other')} IS NULL)
        OR (other.kind = 'reply' AND mine.kind = 'reply' AND other.seq < mine.seq)
      )
    )
    AND (kind <> 'reply' OR EXISTS (SELECT 1 FROM place WHERE place.about = mine.about))
  ORDER BY refresh IS NOT NULL, refresh = 'warning', since, seq`;

export function take(database: Database, { instance, now, leaseMs, ...most }: Take): readonly LeasedDelivery[] {
  return database.together(() => {
    const threads = new Set<string>();
    const rows = database.all(NEXT, { now }).filter((row) => {
      const thread = textIn(row, 'thread');
      const isFirst = !threads.has(thread);
      threads.add(thread);
      return isFirst;
    });
    const isRefresh = (row: SqlRow) => textOrNull(row, 'refresh') !== null;
    const refreshes = rows.filter(isRefresh).slice(0, most.refreshes);
    return [...rows.filter((row) => !isRefresh(row)).slice(0, most.limit), ...refreshes].map((row) => {
      // An expired lease: its holder may have sent the delivery.
      const inDoubt = isIn(row, 'in_doubt') || countOrNull(row, 'held_until') !== null;
      const [seq, edition, attempts] = [countIn(row, 'seq'), countIn(row, 'edition'), countIn(row, 'attempts')];
      const delivery = recordIn(row, DELIVERY);
      if (!isRefresh(row)) makeChange(database, seq, delivery.at);
      database.run(
        `UPDATE delivery SET held_by = :instance, held_until = :until, held_edition = edition,
           attempts = attempts + 1, in_doubt = :inDoubt WHERE seq = :seq`,
        { seq, instance, until: now + leaseMs, inDoubt: inDoubt ? 1 : 0 },
      );
      return { ...delivery, refresh: isRefresh(row) ? delivery.refresh : null, edition, attempts, inDoubt };
    });
  });
}

/** A change did not arrive before a refresh replaced it: what waits now is that change, with the newest figures. */
function makeChange(database: Database, seq: number, at: number): void {
  database.run(
    `UPDATE delivery SET body = json_set(body, '$.refresh', NULL, '$.at', :at)
     WHERE seq = :seq AND body ->> 'refresh' IS NOT NULL`,
    { seq, at },
  );
}

/**
 * The lock of the file proves that the previous bot has ended, so its leases no longer matter. It may have sent these
 * deliveries: they are leased again with that doubt.
 */
export function releaseHolds(database: Database): void {
  database.run(
    `UPDATE delivery SET held_by = NULL, held_until = NULL, held_edition = NULL, in_doubt = 1,
       body = iif(held_edition <> edition AND json_valid(body), json_set(body, '$.refresh', NULL), body)
     WHERE held_until IS NOT NULL`,
  );
}

export interface SentInput {
  readonly taken: LeasedDelivery;
  readonly place: MessageRef | null;
}

export function sent(database: Database, { taken, place }: SentInput): void {
  database.together(() => {
    putPlace(database, taken, place);
    finish(database, taken);
  });
}

export function adopt(database: Database, deliveries: readonly Adopted[]): void {
  database.together(() => {
    for (const delivery of deliveries) {
      putPlace(database, delivery, delivery.place);
      if (delivery.kind === 'message') continue;
      const { id, at } = delivery;
      database.run('INSERT INTO told VALUES (:id, :at) ON CONFLICT DO NOTHING', { id, at });
      database.run('DELETE FROM delivery WHERE id = :id', { id });
    }
  });
}

function putPlace(database: Database, of: Omit<Adopted, 'place'>, place: MessageRef | null): void {
  const about = of.kind === 'note' ? of.id : of.about;
  if (place === null || about === null || of.kind === 'reply') return;
  database.run('REPLACE INTO place VALUES (:about, :channel, :ts, :at)', { about, ...place, at: of.at });
}

/**
 * The delivery is never retried. Replies of a message that never got a position are dropped with it, because they would
 * wait forever.
 */
export function dropped(database: Database, taken: LeasedDelivery): void {
  database.together(() => {
    const isGone = finish(database, taken);
    if (!isGone || taken.kind !== 'message' || place(database, taken.about ?? taken.id) !== null) return;
    const replies = { thread: taken.about ?? taken.id, at: taken.at };
    database.run(
      "INSERT INTO told SELECT id, :at FROM delivery WHERE thread = :thread AND kind = 'reply' ON CONFLICT DO NOTHING",
      replies,
    );
    database.run("DELETE FROM delivery WHERE thread = :thread AND kind = 'reply'", { thread: replies.thread });
  });
}

/**
 * Removes it from the outbox, unless a newer edition exists; that edition is then free. @returns whether it was removed
 */
function finish(database: Database, taken: LeasedDelivery): boolean {
  const { id, edition, at } = taken;
  if (taken.kind !== 'message') database.run('INSERT INTO told VALUES (:id, :at) ON CONFLICT DO NOTHING', { id, at });
  if (database.run('DELETE FROM delivery WHERE id = :id AND edition = :edition', { id, edition }) === 1) return true;
  const seq = free(database, taken, { inDoubt: false });
  if (seq !== null) database.run("UPDATE delivery SET since = body ->> 'at' WHERE seq = :seq", { seq });
  return false;
}

interface Again {
  readonly taken: LeasedDelivery;
  readonly at: number;
}

export function postponed(database: Database, { taken, at }: Again): void {
  database.together(() => delay(database, { taken, at }, { inDoubt: false }));
}

export function doubted(database: Database, { taken, at }: Again): void {
  database.together(() => delay(database, { taken, at }, { inDoubt: true }));
}

function delay(database: Database, { taken, at }: Again, doubt: { readonly inDoubt: boolean }): void {
  const seq = free(database, taken, doubt);
  if (seq === null) return;
  if (taken.refresh === null) makeChange(database, seq, taken.at);
  // What delays a refresh does not delay the change that replaced it.
  const isReplaced =
    taken.refresh !== null &&
    database.get("SELECT 1 FROM delivery WHERE seq = :seq AND body ->> 'refresh' IS NULL", { seq }) !== null;
  if (isReplaced) database.run('UPDATE delivery SET attempts = 0 WHERE seq = :seq', { seq });
  else database.run('UPDATE delivery SET due = :at WHERE seq = :seq', { seq, at });
}

/** Ends the lease. @returns the number of the row; null if it is another's lease by now */
function free(database: Database, taken: LeasedDelivery, { inDoubt }: { readonly inDoubt: boolean }): number | null {
  const { id, edition, attempts } = taken;
  const row = database.get(
    `SELECT seq FROM delivery
     WHERE id = :id AND held_edition = :edition AND attempts = :attempts AND held_until IS NOT NULL`,
    { id, edition, attempts: attempts + 1 },
  );
  if (row === null) return null;
  const seq = countIn(row, 'seq');
  database.run('UPDATE delivery SET held_by = NULL, held_until = NULL, in_doubt = :inDoubt WHERE seq = :seq', {
    seq,
    inDoubt: inDoubt ? 1 : 0,
  });
  return seq;
}

export function place(database: Database, about: string): MessageRef | null {
  const row = database.get('SELECT channel, ts FROM place WHERE about = :about', { about });
  return row === null ? null : { channel: textIn(row, 'channel'), ts: textIn(row, 'ts') };
}

export function forget(database: Database, about: string): void {
  database.run('DELETE FROM place WHERE about = :about', { about });
}

const WAITING = `SELECT count(*) AS count, min(since) AS oldest FROM delivery AS mine WHERE ${refreshOf('mine')} IS NULL`;

export function waiting(database: Database): { readonly count: number; readonly oldest: number | null } {
  const row = database.get(WAITING) ?? {};
  return { count: countIn(row, 'count'), oldest: countOrNull(row, 'oldest') };
}
