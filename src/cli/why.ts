// `atlas-conns why`: the likely reasons for the connections of a cluster or a source.

import type { Command } from 'commander';
import type { Commands, SavedReading, WhyAnswer } from '../app/commands/types.ts';
import { count, percent, sum } from '../core/base/format.ts';
import { clientsInWords } from '../core/connections/clients.ts';
import { byFullness, connectionsOf, nodesRead, nodesUnread, shortHosts } from '../core/connections/node-usage.ts';
import type { ConnectionReport } from '../core/connections/report.ts';
import {
  type Diagnosis,
  type ExpectedAndSeen,
  MEGABYTES_EACH,
  type NodeExpectation,
} from '../core/diagnosis/diagnosis.ts';
import { fineInWords } from '../core/diagnosis/expected.ts';
import {
  CONFIDENCE,
  changeInWords,
  emergencyInWords,
  expectedInWords,
  freedInWords,
  notLetInWords,
} from '../core/diagnosis/in-words.ts';
import { UserError } from '../errors.ts';
import { painter, printable, type TextColumn, type TextPage, tableLines, wrapped } from './layout.ts';
import { findSource } from './report.ts';
import { shownJson } from './report-export.ts';
import { gapLines } from './report-text.ts';
import type { Terminal } from './terminal.ts';
import {
  accessListOption,
  CLUSTER,
  clusterOption,
  fromOption,
  historyOf,
  typedName,
  type WithCluster,
} from './words.ts';

interface WhyContext {
  readonly commands: Commands;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  /** Called with the exit code. */
  readonly exit: (code: number) => void;
}

interface WhyOptions extends WithCluster {
  readonly json?: true;
  readonly from?: readonly SavedReading[];
  readonly accessList?: readonly string[];
}

export function addWhy(program: Command, context: WhyContext): void {
  program
    .command('why')
    .description('show why a cluster or a source holds so many connections, and what would be freed')
    .argument('[cluster]', CLUSTER, typedName)
    .argument('[source]', 'by id, name, IP address or CIDR block (default: the cluster as a whole)', typedName)
    .addOption(clusterOption())
    .option('--json', 'print JSON')
    .addOption(fromOption())
    .addOption(accessListOption())
    .addHelpText(
      'after',
      `
A word alone is a cluster, or else a source. What would be freed is an estimate,
on the busiest node. The history that serve or watch has written is used if
there is one.

Examples:
  atlas-conns why
  atlas-conns why prod "Billing API"
  atlas-conns why --from node-0=current-op.json --access-list access-list.json
  atlas-conns why prod --json | jq '.diagnoses[] | {name, title, wouldFree}'

Exit code: 0 success, 1 something could not be read, 2 invalid input or settings.`,
    )
    .action(async (first: string | undefined, second: string | undefined, options: WhyOptions) => {
      context.exit(await showWhy({ ...namedBy(first, second, options), options, ...context }));
    });
}

/** With a saved reading, a word is a source. */
function namedBy(first: string | undefined, second: string | undefined, options: WhyOptions) {
  const { from, accessList } = options;
  const named = historyOf(first, second, options);
  if (from === undefined) {
    if (accessList !== undefined)
      throw new UserError('--access-list needs --from.', 'Add --from FILE, or leave --access-list out.');
    return { ...named, saved: null };
  }
  if (named.cluster !== null)
    throw new UserError(printable(`--from reads files, but "${named.cluster}" is a cluster.`), 'Use one of them.');
  return { ...named, saved: { readings: from, accessLists: accessList ?? [] } };
}

/** @returns the exit code: 1 if a node, the sources or the access list could not be read */
async function showWhy({
  options,
  commands,
  terminal,
  signal,
  ...named
}: ReturnType<typeof namedBy> & Omit<WhyContext, 'exit'> & { readonly options: WhyOptions }): Promise<number> {
  const answer = await commands.why({ ...named, find: findSource, signal });
  const { report } = answer;
  const isRead = nodesRead(report).length > 0;
  const page = { width: terminal.columns, paint: painter(terminal.colors) };
  if (options.json === true) await terminal.out(whyJson(answer));
  else if (isRead) await terminal.out(whyText(answer, page));
  if (!isRead) {
    const gaps = [`No node of ${printable(report.cluster)} could be read.`, ...gapLines(report, painter(false))];
    terminal.err(`${gaps.join('\n')}\n`);
  }
  return isRead && report.complete && nodesUnread(report).length === 0 ? 0 : 1;
}

// As text.

/** Diagnoses of a cluster with their evidence. */
const MOST_IN_WORDS = 3;

function whyText({ report, source, why }: WhyAnswer, page: TextPage): string {
  const { diagnoses, expected, limits } = why;
  const { width, paint } = page;
  const short = (host: string) => printable(shortHosts(report)(host));
  const lines = (all: readonly string[], indent = 2) => all.map((line) => wrapped(line, { width, indent }));
  const ofCluster = source === null;
  // A saved dump has no limit.
  const emergency = ofCluster ? emergencyInWords(report, { short, command: 'atlas-conns' }) : null;
  const shown = ofCluster ? diagnoses.slice(0, MOST_IN_WORDS) : diagnoses;
  const notLetIn = source === null ? null : notLetInWords(source);
  const title = ofCluster
    ? `${paint('bold', printable(report.cluster))}  ${usedIn(report)}`
    : `${paint('bold', printable(source.name))}  ${printable(report.cluster)}  ${count(source.active)} active  ${count(source.dormant)} dormant  ${clientsInWords(source)}`;
  const sections = [
    lines([title]),
    emergency === null ? [] : lines([printable(emergency)]),
    notLetIn === null ? [] : lines([notLetIn]),
    diagnoses.length > 0 ? [] : lines([ofCluster ? fineIn(report) : fineInWords(expected)]),
    ofCluster ? rankedLines(diagnoses, { ...page, short, busiest: byFullness(report)[0]?.host ?? null }) : [],
    ...shown.map((one) => lines(inWords(one, { ...page, short, isNamed: ofCluster }), 4)),
    expected === null ? [] : expectedLines(expected, { ...page, short }),
    expected === null ? [] : lines([expectedInWords(expected), printable(expected.meaning)], 0),
    lines(limits.map((limit) => `note: ${printable(limit)}`)),
    lines(gapLines(report, paint)),
  ];
  return sections
    .filter((section) => section.length > 0)
    .map((section) => `${section.join('\n')}\n`)
    .join('\n');
}

/** `busiest shard-00-00 at 85 % (2,550 of 3,000)` */
function usedIn(report: ConnectionReport): string {
  const [busiest] = byFullness(report);
  if (busiest === undefined) return connectionsOf(report);
  const { host, ratio, current, limit } = busiest;
  return `busiest ${printable(shortHosts(report)(host))} at ${percent(ratio)} (${count(current)} of ${count(limit)})`;
}

function fineIn({ sources }: ConnectionReport): string {
  return sources.length === 0
    ? 'No source is known, so nothing can be said about why.'
    : 'Nothing unusual: what is held fits the clients, as far as can be told.';
}

interface OnPage extends TextPage {
  readonly short: (host: string) => string;
}

function rankedLines(
  diagnoses: readonly Diagnosis[],
  { width, paint, short, busiest }: OnPage & { readonly busiest: string | null },
): readonly string[] {
  if (diagnoses.length === 0) return [];
  const isElsewhere = diagnoses.some(({ wouldFree }) => wouldFree !== null && wouldFree.node !== busiest);
  const columns: readonly TextColumn<Diagnosis>[] = [
    { title: 'WHAT', kind: 'name', cell: ({ title }) => title },
    { title: 'SOURCE', kind: 'name', cell: ({ name }) => name },
    {
      title: 'WOULD FREE',
      kind: 'figure',
      cell: ({ wouldFree }) => (wouldFree === null ? '–' : `~${count(wouldFree.connections)}`),
    },
    ...(isElsewhere
      ? [
          {
            title: 'ON',
            kind: 'name',
            cell: ({ wouldFree }: Diagnosis) => (wouldFree ? short(wouldFree.node) : ''),
          } as const,
        ]
      : []),
  ];
  const [head = '', ...rows] = tableLines({ columns, rows: diagnoses, width });
  return [paint('bold', head), ...rows];
}

/** What is seen, what is expected, what to change, and what that would free. */
function inWords(
  { title, name, confidence, evidence, wouldFree, ...change }: Diagnosis,
  { short, paint, isNamed }: OnPage & { readonly isNamed: boolean },
): readonly string[] {
  return [
    `${isNamed ? `${printable(name)}: ` : ''}${paint('bold', printable(title))}, ${CONFIDENCE[confidence]}.`,
    ...evidence.map((sentence) => printable(sentence)),
    `change: ${printable(changeInWords(change))}`,
    ...(wouldFree === null ? [] : [`would free: ${freedInWords(wouldFree, short)}.`]),
  ];
}

type NodeRow = Omit<NodeExpectation, 'host'> & { readonly name: string };

function expectedLines({ nodes }: ExpectedAndSeen, { width, paint, short }: OnPage): readonly string[] {
  if (nodes.length === 0) return [];
  const isKnown = nodes.every(({ monitors }) => monitors.expected !== null);
  const all: NodeRow = {
    name: 'all nodes',
    monitors: {
      expected: isKnown ? sum(nodes, ({ monitors }) => monitors.expected ?? 0) : null,
      seen: sum(nodes, ({ monitors }) => monitors.seen),
    },
    pooled: sum(nodes, ({ pooled }) => pooled),
    pooledPerClient: null,
  };
  const rows = nodes.map(({ host, ...node }): NodeRow => ({ name: short(host), ...node }));
  const [head = '', ...lines] = tableLines<NodeRow>({
    columns: [
      { title: 'NODE', kind: 'name', cell: ({ name }) => name },
      { title: 'HEARTBEATS', kind: 'figure', cell: ({ monitors }) => count(monitors.seen) },
      {
        title: 'EXPECTED',
        kind: 'figure',
        cell: ({ monitors }) => (monitors.expected === null ? '?' : count(monitors.expected)),
      },
      { title: 'POOLED', kind: 'figure', cell: ({ pooled }) => count(pooled) },
      {
        title: 'PER CLIENT',
        kind: 'figure',
        cell: ({ pooledPerClient }) => (pooledPerClient === null ? '–' : String(tenth(pooledPerClient))),
      },
    ],
    rows: rows.length > 1 ? [...rows, all] : rows,
    width,
  });
  return [paint('bold', head), ...lines];
}

const tenth = (value: number) => Math.round(value * 10) / 10;

// As JSON.

const SCHEMA = 'atlas-conns/why/1';

/**
 * Schema atlas-conns/why/1, a public format. New fields go to the end of their object. `source` and `expected` are null
 * for a cluster as a whole. `wouldFree.megabytes` is an estimate.
 */
function whyJson({ report, source, why }: WhyAnswer): string {
  const { cluster, at, complete, problems } = report;
  const [busiest] = byFullness(report);
  const document = {
    schema: SCHEMA,
    cluster,
    at,
    complete,
    source: source && { id: source.id, name: source.name },
    busiest: busiest === undefined ? null : { host: busiest.host, current: busiest.current, limit: busiest.limit },
    diagnoses: why.diagnoses.map(diagnosisJson),
    expected: why.expected && expectedJson(why.expected),
    limits: why.limits,
    unread: nodesUnread(report),
    problems,
  };
  return `${shownJson(document, 2)}\n`;
}

function diagnosisJson(diagnosis: Diagnosis): object {
  const { id, source, name, title, severity, confidence, evidence, wouldFree, advice, option } = diagnosis;
  const freed = wouldFree && { ...wouldFree, megabytes: wouldFree.connections * MEGABYTES_EACH };
  return { id, source, name, title, severity, confidence, evidence, wouldFree: freed, advice, option };
}

function expectedJson({ clients, clientsAtLeast, nodes, expected, seen, meaning }: ExpectedAndSeen): object {
  return {
    clients,
    nodes: nodes.map(({ host, monitors, pooled, pooledPerClient }) => ({ host, monitors, pooled, pooledPerClient })),
    ...{ expected, seen, meaning },
    ...(clientsAtLeast === true && { clientsAtLeast }),
  };
}
