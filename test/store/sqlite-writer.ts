// A bot's writing in a process of its own: `sqlite-writer.ts DIRECTORY` opens the store, says so, and writes readings with
// an alert and a delivery each until its input ends, or as many as it is told. A line for every one; a problem as JSON.
// `sqlite-writer.ts DIRECTORY READINGS take` then takes all deliveries for an hour, and says so.

import { explain } from '../../src/errors.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { alertOf, HOUR, KEEP, MINUTE, messageOf, readingOf, T0 } from './sample.ts';

const [directory = '', most = 'Infinity', then] = process.argv.slice(2);
const say = (line: string) => new Promise((resolve) => process.stdout.write(`${line}\n`, resolve));
let isOver = false;
process.stdin.on('end', () => {
  isOver = true;
});
process.stdin.resume();

try {
  const store = await openSqliteStore({ directory, keep: KEEP, now: () => new Date(T0) });
  try {
    await say('open');
    for (let index = 0; index < Number(most) && !isOver; index++) {
      const alert = alertOf({ source: `source-${index}` });
      const holding = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`source-${at}`, [index, at] as const]));
      const slot = T0 + index * MINUTE;
      await store.write(readingOf({ slot, holding }, { alerts: [alert], deliveries: [messageOf(alert.id)] }));
      await say(String(slot));
    }
    if (then === 'take') {
      await store.take({ instance: 'writer', now: T0 + MINUTE, leaseMs: HOUR, limit: 100, refreshes: 9 });
      await say('taken');
    }
    while (!isOver) await new Promise((resolve) => process.stdin.once('end', resolve));
  } finally {
    await store.close();
  }
} catch (error) {
  await say(JSON.stringify(explain(error, String(error))));
  process.exitCode = 1;
}
process.stdin.destroy();
