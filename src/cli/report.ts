// `atlas-conns report`: reads, prints in the requested form, and sets the exit code.

import type { Commands, SavedReading } from '../app/commands/types.ts';
import { counted } from '../core/base/format.ts';
import { SHARED_TIER } from '../core/base/problem.ts';
import { type Findable, findSource as findInSources } from '../core/connections/find-source.ts';
import type { Dimension } from '../core/connections/group-by.ts';
import { nodesRead, nodesUnread } from '../core/connections/node-usage.ts';
import { type ConnectionReport, isRemark } from '../core/connections/report.ts';
import type { ConnectionSource, KnownSource } from '../core/connections/source.ts';
import { UserError } from '../errors.ts';
import { painter, printable } from './layout.ts';
import { reportJson } from './report-export.ts';
import { gapLines, reportText } from './report-text.ts';
import { sourceText } from './source-text.ts';
import type { Terminal } from './terminal.ts';

/** The parser's options. */
export interface ReportOptions {
  readonly by: Dimension;
  readonly source?: string;
  readonly threads?: true;
  readonly json?: true;
  readonly csv?: true;
  readonly from?: readonly SavedReading[];
  readonly accessList?: readonly string[];
}

interface Input {
  readonly cluster: string | null;
  readonly options: ReportOptions;
  readonly commands: Commands;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** @returns the exit code: 0 everything was read, 1 something could not be read */
export async function showReport(input: Input): Promise<number> {
  checkOptions(input);
  const report = await ask(input);
  await print(report, input);
  return isWhole(report, input.options) ? 0 : 1;
}

/** Whether everything that was asked for was read. An M0 or Flex cluster has no more than its totals. */
function isWhole(report: ConnectionReport, { source, csv }: ReportOptions): boolean {
  if (nodesUnread(report).length > 0 || nodesRead(report).length === 0) return false;
  const isOfSharedTier = report.problems.some(({ code }) => code === SHARED_TIER) && report.problems.every(isRemark);
  return report.complete || (isOfSharedTier && source === undefined && csv !== true);
}

function checkOptions({ cluster, options }: Input): void {
  const { from, accessList, json, by } = options;
  if (from !== undefined && cluster !== null)
    throw new UserError(printable(`--from reads files, but "${cluster}" is a cluster.`), 'Use one of them.');
  if (from === undefined && accessList !== undefined)
    throw new UserError('--access-list needs --from.', 'Add --from FILE, or leave --access-list out.');
  if (json === true && by !== 'source')
    throw new UserError('--json already contains every dimension.', 'Leave --by out, or use --csv.');
}

function ask({ cluster, options, commands, signal }: Input): Promise<ConnectionReport> {
  const threads = options.threads === true || options.json === true;
  if (options.from === undefined) return commands.report({ cluster, threads, signal });
  return commands.savedReport({ readings: options.from, accessLists: options.accessList ?? [], threads, signal });
}

async function print(report: ConnectionReport, input: Input): Promise<void> {
  const { options, terminal } = input;
  const read = nodesRead(report).length > 0;
  // Empty rows would mean that no client is connected.
  const known = report.totals.active !== null || (options.csv !== true && options.source === undefined);
  if (options.json === true) terminal.out(reportJson(report));
  else if (read && known) terminal.out(await shown(report, input));
  if (!read) sayGaps(report, terminal, `No node of ${printable(report.cluster)} could be read.`);
  else if (!known) sayGaps(report, terminal, `Only totals are available for ${printable(report.cluster)}.`);
  else if (options.csv === true) sayGaps(report, terminal);
}

async function shown(report: ConnectionReport, { options, terminal }: Input): Promise<string> {
  const { by, source, csv, threads = false } = options;
  if (csv === true) return (await import('./csv.ts')).reportCsv(report, by);
  const { redact = (value: string) => value } = terminal;
  const page = { width: terminal.columns, paint: painter(terminal.colors) };
  if (source === undefined) return reportText(report, { by, threads, ...page });
  return sourceText({ report, source: findSource(report, redact(source)), by, ...page });
}

/** Prints to standard error, when standard output is for programs or has nothing to show. */
function sayGaps(report: ConnectionReport, { err }: Terminal, ...first: readonly string[]): void {
  err([...first, ...gapLines(report, painter(false))].map((line) => `${line}\n`).join(''));
}

// Finds the source that the user means. If several or none match, the error names candidates.

const MOST_CANDIDATES = 10;

/**
 * @throws UserError with the candidates if several match, with the nearest if none matches
 * @internal
 */
export function findSource(report: ConnectionReport, typed: string): ConnectionSource {
  const { sources, cluster } = report;
  const unread = nodesUnread(report).length;
  const where = unread === 0 ? cluster : `the nodes of ${cluster} that were read (${counted(unread, 'node')} not read)`;
  const none = `No source "${typed}" has connections to ${where}.`;
  return found({ sources, typed, none, all: `atlas-conns report ${cluster} lists them all.` });
}

/** The same among the sources of a history. */
export function findKnown(sources: readonly KnownSource[], cluster: string, typed: string): KnownSource {
  const none = `No source "${typed}" is in the history of ${cluster}.`;
  return found({
    sources,
    typed,
    none,
    all: `atlas-conns history ${cluster} --window 400d lists them all.`,
  });
}

function found<Source extends Findable>(query: {
  readonly sources: readonly Source[];
  readonly typed: string;
  /** The error when none matches. Its remedy shows how to list all of them. */
  readonly none: string;
  readonly all: string;
}): Source {
  const { sources, typed } = query;
  const match = findInSources(sources, typed);
  switch (match.kind) {
    case 'found':
      return match.source;
    case 'several':
      throw ambiguous(typed, match.candidates);
    case 'none': {
      const remedy = match.nearest === null ? query.all : `Did you mean "${match.nearest}"?`;
      throw new UserError(printable(query.none), printable(remedy));
    }
  }
}

function ambiguous(typed: string, fitting: readonly Findable[]): UserError {
  const names = fitting.slice(0, MOST_CANDIDATES).map(({ id, name }) => `  ${name === id ? id : `${name} (${id})`}`);
  const more = fitting.length - names.length;
  return new UserError(
    printable(`"${typed}" matches ${counted(fitting.length, 'source')}.`),
    ['Choose one by its id:', ...names.map(printable), ...(more > 0 ? [`  and ${more} more`] : [])].join('\n'),
  );
}
