// Posts alerts while the store is unavailable for long.
//
// Five minutes after the store fails, a store in memory replaces it for the notifier only. It receives what this
// process last knew: heads, alerts, silences and message positions. Readings that wait for the store are also evaluated
// in it, by the same rules, plans and notifier. Each message says that the history is unavailable. Only the replica
// that last read a cluster reads it during the outage, so one replica posts.
//
// When the store is back, the readings are evaluated a second time. A decision has the same id on every replica. So the
// store first learns what is in Slack already (`adopt`), and then decides. Its alert edits the existing message, and a
// posted reply is not posted again. Another replica may have read the cluster meanwhile and decided differently; the
// alert of the stand-in is then written as resolved. A message can be posted twice only if the bot restarted before the
// store was back. A user action in the store wins over a decision made without it.

import type { Alert, AlertGroup } from '../../core/alerting/alert.ts';
import { MINUTE } from '../../core/base/duration.ts';
import type { LeasedDelivery, Outbox, Store } from '../../core/ports/store.ts';
import type { Unwritten } from './backlog.ts';
import { writeReading } from './evaluate-reading.ts';
import type { KnownAlerts } from './recall.ts';
import { type Inner, type PostedDelivery, seed, takeOver } from './stand-in-records.ts';
import { createStateCache, type StateCache } from './state-cache.ts';
import type { MonitorInput } from './types.ts';

export interface StandIn {
  /** The notifier's deliveries: those of the store, or those of the stand-in while it is on. */
  readonly outbox: Outbox;
  /** Claims a minute of refreshes. An embedded store and a stand-in have only this bot. Rejects with UpstreamError. */
  mayRefresh(minute: number): Promise<boolean>;
  /** The records for drawing messages. */
  alert(id: string): Promise<Alert | null>;
  group(id: string): Promise<AlertGroup | null>;
  isOn(): boolean;
  /** The store has been unavailable for long. Called at that time, and again after an interrupted handover. */
  begin(clusters: readonly string[], waiting: readonly (() => Unwritten)[]): void;
  /** A reading that waits for the store. */
  judge(reading: Unwritten): void;
  /**
   * The store answers again. It learns what is in Slack, and the stand-in stops sending. Rejects with UpstreamError.
   */
  handOver(): Promise<void>;
  /** The store has every reading, and its alerts take over the messages. Rejects with UpstreamError. */
  settle(): Promise<void>;
  end(): void;
}

/** An election of the store's replica set, or a server restart, ends before this. */
export const STANDS_IN_AFTER = 5 * MINUTE;
const REMARK = 'History unavailable: this was decided without the store and may repeat.';

interface StandInInput
  extends Pick<MonitorInput, 'book' | 'routing' | 'instance' | 'now' | 'log' | 'signal' | 'onDecided' | 'openStandIn'> {
  readonly store: Store;
  readonly recall: Pick<KnownAlerts, 'of'>;
  readonly memory: Pick<StateCache, 'last'>;
}

export function createStandIn(input: StandInInput): StandIn {
  const { store, instance, now, log, openStandIn } = input;
  let work: Promise<void> = Promise.resolve();
  let isBegun = false;
  let isHandingOver = false;
  let inner: Inner | null = null;
  /** Deliveries being sent, each with the store that issued it. */
  const givenBy = new WeakMap<LeasedDelivery, Store>();
  const out = new Set<LeasedDelivery>();
  let onReturned = () => {};
  /** Posted by the stand-in; by delivery id. */
  const inSlack = new Map<string, PostedDelivery>();
  /** Ids of messages with a remark: the stand-in decided the state that they show. */
  const remarked = new Set<string>();
  /** Ids of deliveries that may be in Slack. */
  const doubts = new Set<string>();

  const then = (step: () => Promise<void>) => {
    work = work.then(step).catch((err: unknown) => log.error({ err }, 'could not decide without store'));
  };
  const judgeIn = async (to: Inner, reading: Unwritten) => {
    await writeReading({ ...input, ...to }, { ...reading, mayBeWritten: false });
    input.onDecided();
  };
  const opened = async (clusters: readonly string[]): Promise<Inner | null> => {
    if (openStandIn === undefined) return null;
    const found = await openStandIn();
    // The stand-in does not store readings: the state in memory is enough for decisions.
    const kept: Store = { ...found, write: (change) => found.write({ ...change, reading: null }) };
    const to: Inner = { store: kept, memory: createStateCache({ store: kept, book: input.book }) };
    // These may or may not have reached Slack.
    for (const id of await seed(to, clusters, input)) doubts.add(id);
    return to;
  };
  const isOver = (giver: Store) => giver !== store && giver !== inner?.store;
  /** The store of a delivery; null if its stand-in ended and the store has decided it. */
  const giverOf = (taken: LeasedDelivery): Store | null => {
    const giver = givenBy.get(taken) ?? store;
    return isOver(giver) ? null : giver;
  };
  const returned = (taken: LeasedDelivery) => {
    if (out.delete(taken) && out.size === 0) onReturned();
  };
  /** The notifier finishes what it took, within its own time limits. */
  const allReturned = () =>
    new Promise<void>((resolve) => {
      if (out.size === 0 || input.signal.aborted) return resolve();
      onReturned = resolve;
      input.signal.addEventListener('abort', () => resolve(), { once: true });
    });

  const outbox: Outbox = {
    async take(taking) {
      if (isHandingOver) return [];
      const giver = inner?.store ?? store;
      const found = await giver.take(taking);
      if (isHandingOver) {
        // It started meanwhile and does not know these deliveries.
        for (const one of found) await giver[one.inDoubt ? 'doubted' : 'postponed'](one, taking.now);
        return [];
      }
      return found.map((one) => {
        const inDoubt = one.inDoubt || doubts.has(one.id);
        // Newer figures of what the store decided are no decision.
        const isRemarked = giver !== store && (one.refresh === null || remarked.has(one.id));
        const taken = { ...one, inDoubt, ...(isRemarked && { remark: REMARK }) };
        givenBy.set(taken, giver);
        if (giver !== store) out.add(taken);
        return taken;
      });
    },
    async sent(taken, place) {
      const giver = giverOf(taken);
      doubts.delete(taken.id);
      const { id, kind, about, at } = taken;
      const adopted = { id, kind, about, at, place };
      if (giver === null) return store.adopt([adopted]);
      if (giver !== store) {
        const stands = taken.kind === 'message' && taken.about !== null ? await giver.place(taken.about) : null;
        const { edition: _, attempts: __, inDoubt: ___, remark: ____, ...delivery } = taken;
        if (taken.refresh === null) remarked.add(taken.id);
        inSlack.set(taken.id, { ...adopted, place: place ?? stands, delivery });
        returned(taken);
      }
      await giver.sent(taken, place);
    },
    async postponed(taken, at) {
      returned(taken);
      await giverOf(taken)?.postponed(taken, at);
    },
    async doubted(taken, at) {
      const giver = giverOf(taken);
      if (giver !== store) doubts.add(taken.id);
      returned(taken);
      await giver?.doubted(taken, at);
    },
    async dropped(taken) {
      returned(taken);
      await giverOf(taken)?.dropped(taken);
    },
    adopt: (adopted) => store.adopt(adopted),
    place: (about) => (inner?.store ?? store).place(about),
    forget: (about) => (inner?.store ?? store).forget(about),
    waiting: () => (inner?.store ?? store).waiting(),
  };

  return {
    outbox,
    async mayRefresh(minute) {
      if (inner !== null || store.about.kind === 'sqlite') return true;
      return store.claim({ cluster: '#refresh', slot: minute, instance });
    },
    alert: (id) => (inner?.store ?? store).alert(id),
    group: (id) => (inner?.store ?? store).group(id),
    isOn: () => inner !== null,
    begin(clusters, waiting) {
      isHandingOver = false;
      if (isBegun || openStandIn === undefined) return;
      isBegun = true;
      log.warn({ clusters }, 'posting alerts without the store');
      then(async () => {
        const to = await opened(clusters).catch((error: unknown) => {
          isBegun = false;
          throw error;
        });
        inner = to;
        if (to === null) return;
        for (const reading of waiting) await judgeIn(to, reading());
        input.onDecided();
      });
    },
    judge(reading) {
      if (isBegun) then(async () => (inner === null ? undefined : judgeIn(inner, reading)));
    },
    async handOver() {
      if (!isBegun) return;
      isHandingOver = true;
      await work;
      await allReturned();
      await store.adopt([...inSlack.values()]);
    },
    async settle() {
      const from = inner?.store ?? null;
      if (from === null) return;
      const messages = [...inSlack.values()].filter(({ kind }) => kind === 'message');
      for (const posted of messages) await takeOver(posted, { store, from, at: now().getTime(), inSlack });
      log.info({ messages: messages.length }, 'store took over posted alerts');
    },
    end() {
      const over = inner;
      inner = null;
      isBegun = false;
      isHandingOver = false;
      inSlack.clear();
      remarked.clear();
      out.clear();
      then(async () => over?.store.close());
      input.onDecided();
    },
  };
}
