// Readings that people look at in Slack, for Share and Back: half an hour in the store, where each replica finds them,
// and in memory, because the store may be away.

import type { Packing } from '../../core/base/clock.ts';
import { MINUTE } from '../../core/base/duration.ts';
import type { ConnectionReport } from '../../core/connections/report.ts';
import type { ShownReadings } from '../../core/ports/reports.ts';
import type { ShownReading, Store } from '../../core/ports/store.ts';
import type { Log } from '../../core/ports/telemetry.ts';
import { UpstreamError } from '../../errors.ts';

const SHOWN_FOR = 30 * MINUTE;
/** Bytes, packed: a report of 20,000 sources. A larger one is not kept. */
const LARGEST = 2 ** 20;
/** In memory. The store has a limit of its own. */
const MOST = 20;

/** For the terminal, which has no buttons. */
export const NONE_SHOWN: ShownReadings = { keep: () => undefined, find: async () => null };

export function createShownReadings(input: {
  readonly store: Pick<Store, 'keepShown' | 'shown'>;
  readonly packing: Packing;
  /** Of the bot: another version may have another form of reports, and does not show them. */
  readonly version: string;
  readonly now: () => Date;
  readonly log: Pick<Log, 'warn'>;
}): ShownReadings {
  const { store, packing, version, now, log } = input;
  const seen = new WeakSet<ConnectionReport>();
  const memory = new Map<string, ShownReading>();
  const keyOf = (cluster: string, at: number) => `${at} ${cluster}`;
  const warn = (error: unknown, message: string) =>
    log.warn(error instanceof UpstreamError ? { code: error.problem.code } : { err: error }, message);
  const stored = async (cluster: string, at: number) => {
    try {
      return await store.shown({ cluster, at });
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error;
      warn(error, 'shown reading not found');
      return null;
    }
  };
  return {
    keep(report) {
      if (seen.has(report)) return;
      seen.add(report);
      const packed = packing.pack(JSON.stringify({ version, report }));
      if (packed.length > LARGEST) return;
      const [cluster, at] = [report.cluster, Date.parse(report.at)];
      const shown = { cluster, at, until: now().getTime() + SHOWN_FOR, packed };
      memory.set(keyOf(cluster, at), shown);
      for (const oldest of [...memory.keys()].slice(0, -MOST)) memory.delete(oldest);
      // Nothing waits for it: a rejection would end the process.
      store.keepShown(shown).catch((error: unknown) => warn(error, 'shown reading not stored'));
    },
    async find(cluster, at) {
      const mine = memory.get(keyOf(cluster, at));
      const shown = mine ?? (await stored(cluster, at));
      if (shown === null || shown.until <= now().getTime()) return null;
      const kept: { readonly version: string; readonly report: ConnectionReport } = JSON.parse(
        packing.unpack(shown.packed),
      );
      if (kept.version !== version) return null;
      // Its time counts from when it was first shown.
      seen.add(kept.report);
      return { report: kept.report, ageMs: Math.max(0, now().getTime() - at) };
    },
  };
}
