// What is said of a soak at its end: growth, connections, what was lost or doubled, and what was logged.

import { join } from 'node:path';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { recordsIn, verdictOn } from '../chaos/verdict.ts';
import type { Seen } from './soak.ts';
import { growthOf, longestSilence, total } from './vitals.ts';

const KEEP = { readings: 35 * 86_400_000, hours: 400 * 86_400_000 };

/** Three probes of twenty seconds, and it is started anew. */
const ENDED_MS = 60_000;

export async function judged(
  seen: Seen,
  directory: string,
): Promise<{ readonly lines: readonly string[]; readonly isWell: boolean }> {
  const growth = growthOf(seen.vitals);
  const alerts = await alertsOf(seen, directory);
  const lostReadings = seen.metrics === null ? null : total(seen.metrics, 'atlas_conns_lost_readings_total');
  const silence = longestSilence(seen.vitals);
  const { told, crowded } = seen;
  const findings = [
    ...growth.map(({ what, early, late, bound }) => ({
      text: `${what}: ${early.toFixed(1)} in the first third after the warm-up, ${late.toFixed(1)} in the last (bound ${bound.toFixed(1)})`,
      isWell: late <= bound,
    })),
    {
      text: `connections: at most ${crowded.most} of ours on a node, ${crowded.moments.length} times more than one and its monitor`,
      isWell: crowded.moments.length === 0,
    },
    {
      text: `alerts: ${alerts.decided} decided, ${alerts.expected} deliveries of them, ${alerts.lost.length} lost, ${alerts.doubled.length} doubled, ${alerts.stale.length} stale, ${alerts.unfounded.length} unfounded, ${alerts.late} said to be late`,
      isWell: [alerts.lost, alerts.doubled, alerts.stale, alerts.unfounded].every(({ length }) => length === 0),
    },
    { text: `readings lost: ${lostReadings ?? 'nobody told'}`, isWell: lostReadings === 0 },
    { text: `not alive by /livez for at most ${(silence / 1_000).toFixed(0)} s`, isWell: silence < ENDED_MS },
    {
      text: `commands: ${told.answered} answered, slowest ${told.slowestMs.toFixed(0)} ms (${told.calmSlowestMs.toFixed(0)} ms in calm), ${told.refused} refused, ${told.unanswered} unanswered, of these ${told.calmUnanswered} in calm`,
      isWell: told.calmUnanswered === 0,
    },
  ];
  const named = [crowded.moments, alerts.lost, alerts.doubled, alerts.stale, alerts.unfounded].flat().slice(0, 20);
  const complaints = [...seen.complaints].map(([message, times]) => `logged ${times} ×: ${message}`);
  return {
    lines: [...findings.map(({ text, isWell }) => `${isWell ? 'well ' : 'BAD  '} ${text}`), ...named, ...complaints],
    isWell: findings.every(({ isWell }) => isWell),
  };
}

async function alertsOf({ slack }: Seen, directory: string) {
  const store = await openSqliteStore({
    directory: join(directory, 'data'),
    keep: KEEP,
    now: () => new Date(),
    readOnly: true,
  });
  try {
    const records = await recordsIn(store);
    return { decided: records.alerts.length, ...verdictOn(slack, records, new Set()) };
  } finally {
    await store.close();
  }
}
