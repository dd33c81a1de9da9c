// The outbox: leases deliveries and records their results.

import { LONGEST_POSTPONEMENT, type MessageRef } from '../../core/alerting/delivery.ts';
import type { Adopted, LeasedDelivery } from '../../core/ports/store.ts';
import { DELIVERY } from '../records.ts';
import type { Database } from './database.ts';
import { countIn, countOrNull, isIn, recordIn, textIn } from './rows.ts';

export interface Take {
  readonly instance: string;
  readonly now: number;
  readonly leaseMs: number;
  readonly limit: number;
}

/** Whether a time is in the future. An implausibly distant time counts as past. */
const ahead = (time: string): string => `(${time} > :now AND ${time} <= :now + ${LONGEST_POSTPONEMENT})`;

/**
 * The next delivery of each thread: its message, or the first reply if the message has a position. None while another
 * delivery of the thread is leased.
 */
const NEXT = `
  SELECT seq, id, thread, body, edition, attempts, in_doubt, held_until FROM delivery AS mine
  WHERE NOT ${ahead('due')} AND NOT ifnull(${ahead('held_until')}, FALSE)
    AND NOT EXISTS (
      SELECT 1 FROM delivery AS other
      WHERE other.thread = mine.thread AND other.seq <> mine.seq AND (
        ${ahead('other.held_until')}
        OR (other.kind = 'message' AND NOT ${ahead('other.due')})
        OR (other.kind = 'reply' AND mine.kind = 'reply' AND other.seq < mine.seq)
      )
    )
    AND (kind <> 'reply' OR EXISTS (SELECT 1 FROM place WHERE place.about = mine.about))
  ORDER BY since, seq`;

export function take(database: Database, { instance, now, leaseMs, limit }: Take): readonly LeasedDelivery[] {
  return database.together(() => {
    const threads = new Set<string>();
    const rows = database.all(NEXT, { now }).filter((row) => {
      const thread = textIn(row, 'thread');
      const isFirst = !threads.has(thread);
      threads.add(thread);
      return isFirst;
    });
    return rows.slice(0, limit).map((row) => {
      // An expired lease: its holder may have sent the delivery.
      const inDoubt = isIn(row, 'in_doubt') || countOrNull(row, 'held_until') !== null;
      database.run(
        `UPDATE delivery SET held_by = :instance, held_until = :until, held_edition = edition,
           attempts = attempts + 1, in_doubt = :inDoubt WHERE seq = :seq`,
        { seq: countIn(row, 'seq'), instance, until: now + leaseMs, inDoubt: inDoubt ? 1 : 0 },
      );
      const [edition, attempts] = [countIn(row, 'edition'), countIn(row, 'attempts')];
      return { ...recordIn(row, DELIVERY), edition, attempts, inDoubt };
    });
  });
}

/**
 * The lock of the file proves that the previous bot has ended, so its leases no longer matter. It may have sent these
 * deliveries: they are leased again with that doubt.
 */
export function releaseHolds(database: Database): void {
  database.run(
    `UPDATE delivery SET held_by = NULL, held_until = NULL, held_edition = NULL, in_doubt = 1
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
  free(database, taken, 'in_doubt = 0');
  return false;
}

export function postponed(
  database: Database,
  { taken, at }: { readonly taken: LeasedDelivery; readonly at: number },
): void {
  free(database, taken, 'in_doubt = 0, due = :at', { at });
}

export function doubted(
  database: Database,
  { taken, at }: { readonly taken: LeasedDelivery; readonly at: number },
): void {
  free(database, taken, 'in_doubt = 1, due = :at', { at });
}

/** Ends the lease if it is still the same one. */
function free(database: Database, taken: LeasedDelivery, change: string, values: { readonly at?: number } = {}): void {
  const { id, edition, attempts } = taken;
  database.run(
    `UPDATE delivery SET held_by = NULL, held_until = NULL, ${change}
     WHERE id = :id AND held_edition = :edition AND attempts = :attempts AND held_until IS NOT NULL`,
    { id, edition, attempts: attempts + 1, ...values },
  );
}

export function place(database: Database, about: string): MessageRef | null {
  const row = database.get('SELECT channel, ts FROM place WHERE about = :about', { about });
  return row === null ? null : { channel: textIn(row, 'channel'), ts: textIn(row, 'ts') };
}

export function forget(database: Database, about: string): void {
  database.run('DELETE FROM place WHERE about = :about', { about });
}

export function waiting(database: Database): { readonly count: number; readonly oldest: number | null } {
  const row = database.get('SELECT count(*) AS count, min(since) AS oldest FROM delivery') ?? {};
  return { count: countIn(row, 'count'), oldest: countOrNull(row, 'oldest') };
}
