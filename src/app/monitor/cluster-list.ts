// Which clusters are watched: those the desk can read. One that is paused or gone is said once and left.

import { isOpen } from '../../core/alerting/alert.ts';
import { DAY } from '../../core/base/duration.ts';
import { FLEX_UNREAD, type Problem } from '../../core/base/problem.ts';
import { UpstreamError } from '../../errors.ts';
import { fieldsOf } from './logging.ts';
import type { WatchInput } from './types.ts';

export interface Roster {
  readonly names: readonly string[];
  /** Those that were left since it was last asked. */
  readonly left: readonly { readonly name: string; readonly reason: string }[];
}

/** @returns asks again, at each call */
export function createRoster(
  input: Pick<WatchInput, 'desk' | 'store' | 'now' | 'log'>,
): (signal: AbortSignal) => Promise<Roster> {
  const { desk, log } = input;
  let known: readonly string[] | null = null;
  /** Read before this process was, and not listed yet: nobody can tell of which project they are. */
  let untold: readonly string[] | null = null;
  /** Whether those that left while no bot ran are told of. */
  let isSeeded = false;
  let left: ReadonlyMap<string, string> = new Map();
  const tell = listingTold(input);
  return async (signal) => {
    const { names, left: leftNow, problems } = await desk.clusters(signal);
    tell(problems);
    const missing = missingIn(problems);
    const isTold = (name: string) => names.includes(name) || leftNow.some((one) => one.name === name);
    // A project that cannot be listed has among the names those that it had. Where it never could be, its clusters are not
    // gone for that: that they cannot be read is news.
    untold = missing === 'none' ? [] : (untold ?? (await remembered(input)));
    // Of those the list of Flex clusters may hold only such.
    const mayBeThere = async (some: readonly string[]) => (missing === 'flex' ? sharedTier(input, some) : some);
    untold = untold && (await mayBeThere(untold)).filter((name) => !isTold(name));
    const found = [...new Set([...names, ...(untold ?? [])])];
    const alerted = isSeeded || missing === 'any' ? [] : await withAlerts(input);
    const spared = missing === 'flex' ? await sharedTier(input, alerted ?? []) : [];
    isSeeded ||= missing === 'none' && alerted !== null;
    const gone = [...new Set([...(known ?? []), ...(alerted ?? []).filter((name) => !spared.includes(name))])]
      .filter((name) => !untold?.includes(name) && !isTold(name))
      .map((name) => ({ name, reason: 'it is no more' }));
    const news = [...leftNow.filter(({ name, reason }) => left.get(name) !== reason), ...gone];
    for (const { name, reason } of news) log.info({ cluster: name, reason }, 'a cluster is left out of the watch');
    left = new Map(leftNow.map(({ name, reason }) => [name, reason]));
    const added = found.filter((name) => !known?.includes(name));
    if (added.length > 0) log.info({ clusters: added }, 'clusters are watched');
    known = found;
    return { names: found, left: news };
  };
}

/** Which clusters may be there although nobody lists them. Some roles never see the list of Flex clusters. */
function missingIn(problems: readonly Problem[]): 'none' | 'flex' | 'any' {
  if (problems.length === 0) return 'none';
  return problems.every(({ code }) => code === FLEX_UNREAD) ? 'flex' : 'any';
}

/** Says once why clusters cannot be listed, of each project, and that it is over when all of them can be. */
function listingTold({ log, now }: Pick<WatchInput, 'now' | 'log'>): (problems: readonly Problem[]) => void {
  const said = new Set<string>();
  let since: Date | null = null;
  return (problems) => {
    if (problems.length === 0) {
      if (since !== null) log.info({ since }, 'clusters can be listed again');
      since = null;
      said.clear();
      return;
    }
    since ??= now();
    for (const problem of problems) {
      // Two projects may fail alike: their texts tell them apart.
      const key = JSON.stringify([problem.code, problem.text]);
      if (!said.has(key)) log.warn(fieldsOf(problem), 'clusters cannot be listed');
      said.add(key);
    }
  };
}

/** Clusters with open alerts; null while the store is away. One that left the settings has nobody else to end them. */
async function withAlerts({ store, now }: Pick<WatchInput, 'store' | 'now'>): Promise<readonly string[] | null> {
  try {
    const alerts = await store.alerts({ cluster: null, endedSince: now().getTime() });
    return alerts.filter(isOpen).map(({ cluster }) => cluster);
  } catch (error) {
    if (error instanceof UpstreamError) return null;
    throw error;
  }
}

/** Clusters that were read within a day, by whoever it was: the bot began while Atlas does not answer. Null while the store is away. */
async function remembered({ store, now }: Pick<WatchInput, 'store' | 'now'>): Promise<readonly string[] | null> {
  try {
    const names = await store.clusters();
    const heads = await Promise.all(names.map((name) => store.head(name)));
    return names.filter((_, index) => now().getTime() - (heads[index]?.at ?? 0) < DAY);
  } catch (error) {
    if (error instanceof UpstreamError) return null;
    throw error;
  }
}

/** Those that may be Flex clusters, which tell totals alone: no source of theirs was ever read. */
async function sharedTier({ store }: Pick<WatchInput, 'store'>, names: readonly string[]): Promise<readonly string[]> {
  try {
    const sources = await Promise.all(names.map((name) => store.sources(name)));
    return names.filter((_, index) => sources[index]?.length === 0);
  } catch (error) {
    if (error instanceof UpstreamError) return names;
    throw error;
  }
}
