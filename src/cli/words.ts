// The words of arguments and options: clusters, sources, dimensions, durations, files.

import { type Command, InvalidArgumentError, Option } from 'commander';
import type { SavedReading } from '../app/commands/types.ts';
import { parseDuration } from '../core/base/duration.ts';
import { count, sum } from '../core/base/format.ts';
import { nearest } from '../core/base/fuzzy-match.ts';
import { tooLong } from '../core/commands/tokens.ts';
import { DIMENSIONS, type Dimension } from '../core/connections/group-by.ts';
import { NODE_KINDS, type NodeKind } from '../core/drivers/monitors.ts';
import type { PlanNode } from '../core/forecast/plan.ts';
import { TIERS, type Tier } from '../core/forecast/tiers.ts';
import { LONGEST_WINDOW, SHORTEST_WINDOW } from '../core/snapshots/time-window.ts';
import { UserError } from '../errors.ts';

/** A typed cluster or source. File names have no such limit. */
export function typedName(name: string): string {
  const long = tooLong('name', name);
  if (long !== null) throw new UserError(long.text, long.remedy);
  return name;
}

export const CLUSTER = 'a configured cluster (default: the only one, or the one set as default)';

export interface WithCluster {
  readonly cluster?: string;
}

export function clusterOption(): Option {
  return new Option('--cluster <name>', 'the same as the argument').argParser(typedName);
}

/**
 * The cluster by its place or by its option; null for neither.
 * @throws UserError if they name two
 */
export function oneCluster(word: string | undefined, { cluster: option }: WithCluster): string | null {
  if (word === undefined || option === undefined || word.toLowerCase() === option.toLowerCase())
    return word ?? option ?? null;
  throw new UserError(`"${word}" and --cluster ${option} name two clusters.`, 'Name one of them.');
}

/** `history prod "Billing API"`, `history "Billing API" --cluster prod`, and a word that may be either. */
export function historyOf(first: string | undefined, second: string | undefined, options: WithCluster) {
  if (second !== undefined) return { cluster: oneCluster(first, options), source: second, word: null };
  const { cluster = null } = options;
  if (cluster === null) return { cluster, source: null, word: first ?? null };
  const isCluster = first?.toLowerCase() === cluster.toLowerCase();
  return { cluster, source: isCluster ? null : (first ?? null), word: null };
}

/** Milliseconds. */
export function window(text: string): number {
  const found = parseDuration(text);
  if (found !== null && found >= SHORTEST_WINDOW && found <= LONGEST_WINDOW) return found;
  throw new InvalidArgumentError('Expected a duration from 1h to 400d, such as 24h or 7d.');
}

export function dimension(word: string): Dimension {
  const known = DIMENSIONS.find((name) => name === word.toLowerCase());
  if (known !== undefined) return known;
  const near = nearest(word, DIMENSIONS);
  const hint = near === null ? '' : ` Did you mean ${near}?`;
  throw new InvalidArgumentError(`Expected one of ${DIMENSIONS.join(', ')}.${hint}`);
}

/** `HOST=FILE`, or only `FILE`. A path with = needs a directory in front, e.g. `./a=b.json`. */
function savedReading(value: string): SavedReading {
  const named = /^(?<host>[^=/\\]+)=(?<path>.+)$/.exec(value)?.groups;
  return { host: named?.['host'] ?? null, path: named?.['path'] ?? value };
}

// Of a plan.

export function whole(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number.');
}

function kindOf(word: string): NodeKind {
  const kind = NODE_KINDS.find((known) => known === word.toLowerCase());
  if (kind !== undefined) return kind;
  const near = nearest(word, NODE_KINDS);
  throw new InvalidArgumentError(
    near === null ? `Expected kinds of nodes: ${NODE_KINDS.join(', ')}.` : `Did you mean ${near}?`,
  );
}

/** `M80`, or `M80 on AWS` where providers differ. */
export function tierOf(text: string): Tier {
  const word = text.trim().toLowerCase();
  const names = (tier: Tier) => [tier.name, ...tier.name.split(/ or | on /)].map((name) => name.toLowerCase());
  const found = TIERS.filter((tier) => tier.name.toLowerCase() === word);
  const [tier, ...others] = found.length > 0 ? found : TIERS.filter((one) => names(one).includes(word));
  if (tier !== undefined && others.length === 0) return tier;
  if (tier !== undefined)
    throw new InvalidArgumentError(`Expected ${[tier, ...others].map(({ name }) => `"${name}"`).join(' or ')}.`);
  const short = TIERS.map(({ name }) => name.split(' ')[0] ?? name);
  throw new InvalidArgumentError(`Expected one of ${[...new Set(short)].join(', ')}.`);
}

const MOST_NODES = 1_000;

/** `3`, or `primary, 2 secondary, arbiter`. Nodes of one kind are numbered. */
export function nodesOf(text: string): readonly PlanNode[] {
  const secondaries = /^\s*\d+\s*$/.test(text) ? whole(text.trim()) - 1 : null;
  const list = secondaries === null ? text : `primary, ${Math.max(0, secondaries)} secondary`;
  const groups = list.split(',').map((part) => {
    const { number = '1', kind = '' } = /^\s*(?:(?<number>\d{1,9})\s+)?(?<kind>\S.*?)\s*$/.exec(part)?.groups ?? {};
    return { kind: kindOf(kind), number: Number(number) };
  });
  if (sum(groups, ({ number }) => number) > MOST_NODES || secondaries === -1)
    throw new InvalidArgumentError(`Expected 1 to ${count(MOST_NODES)} nodes.`);
  const kinds = groups.flatMap(({ kind, number }) => Array.from({ length: number }, () => kind));
  return kinds.map((kind, index) => {
    const place = kinds.slice(0, index + 1).filter((other) => other === kind).length;
    return { name: kinds.filter((other) => other === kind).length === 1 ? kind : `${kind}-${place}`, kind };
  });
}

/** Where an application writes. */
const WRITTEN: readonly NodeKind[] = ['primary', 'mongos', 'lb', 'single'];

/** `8`, or `primary=8,secondary=2`; a node's name or its kind. */
export function operationsOf(text: string): Readonly<Record<string, number>> {
  if (/^\d+$/.test(text)) return Object.fromEntries(WRITTEN.map((kind) => [kind, whole(text)]));
  return Object.fromEntries(
    text.split(',').map((part) => {
      const { name, number } = /^\s*(?<name>\S.*?)\s*=\s*(?<number>\d+)\s*$/.exec(part)?.groups ?? {};
      if (name === undefined || number === undefined)
        throw new InvalidArgumentError('Expected a number, or such as primary=8,secondary=2.');
      return [name, whole(number)];
    }),
  );
}

export function fromOption(): Option {
  return new Option(
    '--from <file>',
    'read a saved $currentOp result instead: FILE or HOST=FILE (repeatable)',
  ).argParser((value: string, known: readonly SavedReading[] = []) => [...known, savedReading(value)]);
}

export function accessListOption(): Option {
  return new Option('--access-list <file>', 'with --from: a saved access list, one page a file (repeatable)').argParser(
    (value: string, known: readonly string[] = []) => [...known, value],
  );
}

// Of a connection string: nothing of it may be repeated.

/** The parser repeats a value that it rejects, and that may be a password behind the wrong option. */
export function hideRejected(option: Option): void {
  const { parseArg, long } = option;
  if (parseArg === undefined) return;
  option.argParser((word: string, previous: unknown) => {
    try {
      return parseArg(word, previous);
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error;
      throw new UserError(`The value of ${long} is not valid.`, error.message);
    }
  });
}

/** Says nothing of what was typed. The command allows unknown options, because the parser repeats them. */
export function refuseUnknown(command: Command): void {
  const names = command.options.flatMap(({ long }) => (long === null || long === undefined ? [] : [long]));
  const strange = command.args.find((one) => /^--?[a-z]/i.test(one));
  if (strange === undefined) return;
  const near = nearest(strange.replace(/=.*/s, ''), names);
  throw new UserError(
    `${command.name()} does not know one of the options.`,
    near === null ? `It knows ${names.join(', ')}.` : `Did you mean ${near}?`,
  );
}

/** The connection string in a variable. The error repeats nothing of a string that was typed as a name. */
export function stringInVariable(variable: string, env: Readonly<Record<string, string | undefined>>): string {
  if (!/^[A-Za-z_]\w*$/.test(variable))
    throw new UserError(
      'The name of an environment variable is missing.',
      'Give the name of the variable that has the connection string, not the string.',
    );
  const text = env[variable];
  if (text !== undefined && text !== '') return text;
  throw new UserError(`The environment has no ${variable}.`, 'Set it to the connection string, or correct the name.');
}
