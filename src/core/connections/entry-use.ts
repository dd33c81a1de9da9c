// Access list entries without a connection now: who used them last, and whether they can be removed.

import { type Chunked, isChunkEnd } from '../base/cooperative.ts';
import { DAY } from '../base/duration.ts';
import { joinWords } from '../base/format.ts';
import { type CidrBlock, parseCidr } from '../net/cidr.ts';
import type { PrefixTable } from '../net/prefix-table.ts';
import type { ListedBlock } from './address-book.ts';
import { PEERED } from './attribute.ts';
import type { KnownSource } from './source.ts';

/** A text with times: each reader sees them in a zone of their own. */
export type TimedText = readonly (string | { readonly at: number })[];

/** A finding about an entry without a connection. */
interface QuietEntry {
  readonly kind: 'unused-entry' | 'unseen-entry';
  readonly text: TimedText;
}

export type JudgeQuiet = (row: ListedBlock, titled: string) => QuietEntry | null;

/** What the history that is kept says about one cluster. */
export interface ClusterUse {
  readonly sources: readonly Pick<KnownSource, 'id' | 'lastSeen'>[];
  /** The first reading, in milliseconds since 1970; null without one. */
  readonly since: number | null;
  /** Whether each of the last days has a complete reading, for at least `LONG_ENOUGH`. */
  readonly isLong: boolean;
}

/** A week has jobs that run once. Less than this proves nothing. */
export const LONG_ENOUGH = 8 * DAY;

/** One reading of one cluster never shows that an entry is unused. */
export function quietInReading(cluster: string): JudgeQuiet {
  const text = `was not seen in this reading of ${cluster}. Other clusters or nodes may use it, so do not remove it because of this.`;
  return (_, titled) => ({ kind: 'unseen-entry', text: [`${titled} ${text}`] });
}

interface NamedUse extends ClusterUse {
  readonly name: string;
}

/** The clusters of a project, with what is known of each. */
export interface ProjectUse {
  /** Clusters that tell their sources. */
  readonly watched: readonly NamedUse[];
  /** Why an entry may be needed although the watched clusters do not use it, e.g. `old is not read`. */
  readonly doubts: readonly string[];
  /** Clusters that were watched earlier, e.g. a paused one. */
  readonly earlier: readonly NamedUse[];
}

const CHUNK = 500;

/** An entry is unused only if no watched cluster used it while every cluster was watched for long enough. */
export function* quietInProject(use: ProjectUse, table: PrefixTable<ListedBlock>): Chunked<JudgeQuiet> {
  const uses = yield* lastUses([...use.watched, ...use.earlier], table);
  const outer = outerOf(uses.keys(), table);
  const doubts = [...use.doubts, ...shortHistories(use.watched)];
  const names = namesOf(use.watched);
  const begins = use.watched.map(({ since }) => since);
  const since = begins.length === 0 || begins.includes(null) ? null : Math.max(...begins.map((begin) => begin ?? 0));
  return ({ block }, titled) => {
    const last = uses.get(block.text);
    if (last !== undefined)
      return { kind: 'unseen-entry', text: [`${titled} was last used `, { at: last.at }, ` by ${last.cluster}.`] };
    const hasInner = outer.has(block.text);
    if (doubts.length === 0 && since !== null) {
      const text: TimedText = hasInner
        ? [
            `${titled} covers entries that are used. No other client came since `,
            { at: since },
            '. Keep those entries if you remove it.',
          ]
        : [`${titled} was used by no cluster of the project since `, { at: since }, '. Ask its owner, then remove it.'];
      return { kind: 'unused-entry', text };
    }
    if (hasInner) return null;
    const unused: TimedText =
      since === null
        ? [`${titled} has no connection in this reading of ${names}`]
        : [`${titled} was not used by ${names} since `, { at: since }];
    return { kind: 'unseen-entry', text: [...unused, `. Keep it: ${doubts.join('; ')}.`] };
  };
}

interface LastUse {
  readonly at: number;
  readonly cluster: string;
}

/** By the canonical block of the entry that let the source in. A label in an entry, and a peered network, count. */
function* lastUses(
  clusters: readonly NamedUse[],
  { containing }: PrefixTable<ListedBlock>,
): Chunked<ReadonlyMap<string, LastUse>> {
  const uses = new Map<string, LastUse>();
  for (const { name, sources } of clusters) {
    for (const [index, { id, lastSeen }] of sources.entries()) {
      if (isChunkEnd(index, CHUNK)) yield;
      const block = parseCidr(id.startsWith(PEERED) ? id.slice(PEERED.length) : id);
      const entry = block && containing(block, { itself: true })?.block.text;
      if (entry == null || (uses.get(entry)?.at ?? 0) >= lastSeen) continue;
      uses.set(entry, { at: lastSeen, cluster: name });
    }
  }
  return uses;
}

/** Blocks around these blocks. */
function outerOf(blocks: Iterable<string>, { containing }: PrefixTable<ListedBlock>): ReadonlySet<string> {
  const outer = new Set<string>();
  for (const text of blocks) {
    let block: CidrBlock | null = parseCidr(text);
    while (block !== null) {
      block = containing(block, { itself: false })?.block ?? null;
      if (block === null || outer.has(block.text)) break;
      outer.add(block.text);
    }
  }
  return outer;
}

function shortHistories(watched: readonly NamedUse[]): readonly string[] {
  const short = watched.filter(({ isLong }) => !isLong);
  if (short.length === 0) return [];
  return [`${namesOf(short)} ${short.length === 1 ? 'has' : 'have'} less than ${LONG_ENOUGH / DAY} days of history`];
}

const MOST_NAMED = 3;

/** `prod`, `prod and staging`, `a, b, c and 4 more` */
export function namesOf(clusters: readonly { readonly name: string }[]): string {
  const more = clusters.length - MOST_NAMED;
  const named = clusters.slice(0, MOST_NAMED).map(({ name }) => name);
  return joinWords(more > 0 ? [...named, `${more} more`] : named);
}
