// A terminal's reading in a process of its own: `sqlite-reader.ts DIRECTORY` says how many readings there are.

import { explain } from '../../src/errors.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { all } from './contract/fresh.ts';
import { KEEP, T0 } from './sample.ts';

const [directory = ''] = process.argv.slice(2);
const say = (line: string) => new Promise((resolve) => process.stdout.write(`${line}\n`, resolve));

try {
  const store = await openSqliteStore({ directory, keep: KEEP, now: () => new Date(T0), readOnly: true });
  try {
    const found = await all(store.snapshots({ cluster: null, after: 0, until: Number.MAX_SAFE_INTEGER }));
    await say(String(found.length));
  } finally {
    await store.close();
  }
} catch (error) {
  await say(JSON.stringify(explain(error, String(error))));
}
