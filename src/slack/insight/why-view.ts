// Why so many: the reasons in a cluster by what they would free, and those of one source with its expectation.

import { clipped, count, counted, percent, sum } from '../../core/base/format.ts';
import { clientsInWords } from '../../core/connections/clients.ts';
import { byFullness, connectionsOf, shortHosts } from '../../core/connections/node-usage.ts';
import type { ConnectionReport } from '../../core/connections/report.ts';
import { type ConnectionSource, sizeOf } from '../../core/connections/source.ts';
import type { Diagnosis, ExpectedAndSeen, NodeExpectation, Why } from '../../core/diagnosis/diagnosis.ts';
import { fineInWords } from '../../core/diagnosis/expected.ts';
import {
  CONFIDENCE,
  changeInWords,
  emergencyInWords,
  expectedInWords,
  freedInWords,
  inShort,
  notLetInWords,
} from '../../core/diagnosis/in-words.ts';
import { ACTIONS, viewValue } from '../blockkit/action-values.ts';
import { actions, button, header, message, prose, select } from '../blockkit/blocks.ts';
import { LIMITS } from '../blockkit/limits.ts';
import { bold, code, type Phrase, plain } from '../blockkit/rich-text.ts';
import { figure, restName, type TableCell, tablePage } from '../blockkit/table.ts';
import type { MessagePlace, MessageView, TablePage, TableStyle } from '../blockkit/types.ts';
import { detailButtons } from '../views/buttons.ts';
import { footer, unreadLines } from '../views/notes.ts';

interface WhyViewInput {
  readonly report: ConnectionReport;
  readonly why: Why;
  readonly ageMs: number;
  readonly tables: TableStyle;
  readonly place: MessagePlace;
  /** The place of the table's first row, from 0. */
  readonly page?: number;
}

/** Diagnoses with their evidence below the table. */
const MOST_IN_WORDS = 3;
const LONGEST_NAME = 60;
const nameOf = (name: string) => clipped(name, LONGEST_NAME);

/**
 * What would free the most on the busiest node comes first.
 * @param input.command the slash command's name
 */
export function whyOfClusterView(input: WhyViewInput & { readonly command: string }): MessageView {
  const { report, why, ageMs, place, command } = input;
  const { cluster, sources } = report;
  const { diagnoses, limits } = why;
  const title = titleOf(report);
  const lead = leadOf(report, diagnoses);
  const short = shortHosts(report);
  const emergency = emergencyInWords(report, { short, command });
  const lines: readonly Phrase[] = [...(emergency === null ? [] : [[emergency]]), lead];
  const top = diagnoses.slice(0, MOST_IN_WORDS);
  const readAt = Date.parse(report.at);
  return message({
    said: [[title], ...lines, ...top.map((one): Phrase => [bold(nameOf(one.name)), `: ${inShort(one, short)}`])],
    above: [header(title), prose([...lines, ...unreadLines(report)])],
    table: (room) => rankedTable({ ...input, room }),
    turnTo: (page) => viewValue({ view: 'why', cluster, source: null, readAt, page }),
    below: [
      top.length === 0 ? null : prose(top.flatMap((one) => inWords(one, { short, isNamed: true }))),
      whyMenu(cluster, { diagnoses, sources }),
      detailButtons({ view: 'why', cluster, source: null, readAt }, place),
      footer(report, { ageMs, notes: limits.map((limit) => [limit]) }),
    ],
  });
}

/** `prod: busiest node 85 % of 3,000` */
function titleOf(report: ConnectionReport): string {
  const [busiest] = byFullness(report);
  const name = plain(report.cluster, { max: 64 });
  if (busiest === undefined) return `${name}: ${connectionsOf(report)}`;
  return `${name}: busiest node ${percent(busiest.ratio)} of ${count(busiest.limit)}`;
}

function leadOf(report: ConnectionReport, diagnoses: readonly Diagnosis[]): Phrase {
  const [busiest] = byFullness(report);
  if (busiest !== undefined && diagnoses.some(({ wouldFree }) => wouldFree?.node === busiest.host)) {
    const found = counted(diagnoses.length, 'likely reason');
    const node = bold(shortHosts(report)(busiest.host));
    return [`${found}. What would be freed is an estimate, on the busiest node unless another is named: `, node, '.'];
  }
  if (diagnoses.length > 0) return [`${counted(diagnoses.length, 'likely reason')}.`];
  return report.sources.length === 0
    ? ['No source of this cluster is known, so nothing can be said about why.']
    : ['Nothing unusual: what each source holds fits its clients, as far as this reading and the history tell.'];
}

type Row = Pick<Diagnosis, 'title' | 'name' | 'wouldFree' | 'advice' | 'option'>;

function rankedTable({
  report,
  why,
  tables,
  page = 0,
  room,
}: WhyViewInput & { readonly room: number }): TablePage | null {
  const busiest = byFullness(report)[0]?.host;
  const short = shortHosts(report);
  const freedCell = ({ wouldFree }: Row): TableCell => {
    if (wouldFree === null) return '–';
    const { node, connections } = wouldFree;
    // The text of a figure is not cleaned elsewhere.
    const where = node === busiest ? '' : ` on ${plain(short(node), { max: 20 })}`;
    return { value: connections, text: `~${count(connections)}${where}` };
  };
  return tablePage<Row>({
    caption: `Why ${plain(report.cluster, { max: 64 })} holds so many, by what would be freed`,
    columns: [
      { title: 'What', kind: 'name', cell: ({ title }) => title },
      { title: 'Source', kind: 'name', cell: ({ name }) => name },
      { title: 'Would free', kind: 'figure', cell: freedCell },
      { title: 'Do this', kind: 'sentence', cell: changeInWords },
    ],
    rows: why.diagnoses,
    rest: (rows, where) => ({ title: restName(rows, where), name: '-', wouldFree: null, advice: '-', option: null }),
    from: page,
    style: tables,
    room,
  });
}

/** The sources with a diagnosis, then the others. */
function whyMenu(
  cluster: string,
  of: {
    readonly diagnoses: readonly Diagnosis[];
    readonly sources: readonly ConnectionSource[];
  },
) {
  const ids = [...new Set([...of.diagnoses.map(({ source }) => source), ...of.sources.map(({ id }) => id)])];
  const known = new Map(of.sources.map((source) => [source.id, source]));
  const menu = select({
    action: ACTIONS.chooseSource,
    placeholder: 'Why one source has so many',
    choices: ids.slice(0, LIMITS.options).flatMap((id) => {
      const source = known.get(id);
      if (source === undefined) return [];
      const words = `${plain(source.name, { max: LONGEST_NAME })} (${count(sizeOf(source))})`;
      return [{ words, value: viewValue({ view: 'why', cluster, source: { id } }) }];
    }),
  });
  return menu === null ? null : actions([menu]);
}

/** Each diagnosis of a source, then what is expected of its clients against what is seen. */
export function whyOfSourceView(input: WhyViewInput & { readonly source: ConnectionSource }): MessageView {
  const { report, source, why, ageMs, place } = input;
  const { cluster } = report;
  const { diagnoses, expected, limits } = why;
  const short = shortHosts(report);
  const title = `Why so many: ${plain(source.name, { max: LONGEST_NAME })}`;
  const held: Phrase = [
    bold(cluster),
    ` · ${count(source.active)} active · ${count(source.dormant)} dormant · ${clientsInWords(source)}`,
  ];
  const notLetIn = notLetInWords(source);
  const entry: readonly Phrase[] = notLetIn === null ? [] : [[notLetIn]];
  const fine: readonly Phrase[] = diagnoses.length > 0 ? [] : [[fineInWords(expected)]];
  const compared: readonly Phrase[] = expected === null ? [] : [[expectedInWords(expected)], [expected.meaning]];
  const readAt = Date.parse(report.at);
  return message({
    said: [[title], held, ...entry, ...fine, ...diagnoses.map((one): Phrase => [inShort(one, short)]), ...compared],
    above: [
      header(title),
      prose([held, ...entry, ...fine, ...unreadLines(report)]),
      diagnoses.length === 0 ? null : prose(diagnoses.flatMap((one) => inWords(one, { short, isNamed: false }))),
    ],
    table: (room) => (expected === null ? null : expectedTable({ ...input, expected, short, room })),
    turnTo: (page) => viewValue({ view: 'why', cluster, source, readAt, page }),
    below: [
      compared.length === 0 ? null : prose(compared),
      detailButtons({ view: 'why', cluster, source, readAt }, place, [
        button({
          action: ACTIONS.why,
          word: 'Whole cluster',
          value: viewValue({ view: 'why', cluster, source: null, readAt }),
          label: `Why ${cluster} holds so many`,
        }),
      ]),
      footer(report, { ageMs, notes: limits.map((limit) => [limit]) }),
    ],
  });
}

/** What is seen, what is expected, what to change, and what that would free. */
function inWords(
  { title, name, confidence, evidence, advice, option, wouldFree }: Diagnosis,
  { short, isNamed }: { readonly short: (host: string) => string; readonly isNamed: boolean },
): readonly Phrase[] {
  const change: Phrase = option === null || advice.includes(option) ? [advice] : [advice, ' ', code(option)];
  return [
    [...(isNamed ? [bold(`${nameOf(name)}: `)] : []), bold(title), `, ${CONFIDENCE[confidence]}.`],
    evidence.flatMap((sentence, index): Phrase => (index === 0 ? [sentence] : [' ', sentence])),
    [bold('Change: '), ...change],
    ...(wouldFree === null ? [] : [[bold('Would free: '), `${freedInWords(wouldFree, short)}.`]]),
  ];
}

interface ExpectedTable extends WhyViewInput {
  readonly expected: ExpectedAndSeen;
  readonly short: (host: string) => string;
  readonly room: number;
}

type NodeRow = Pick<NodeExpectation, 'monitors' | 'pooled' | 'pooledPerClient'> & { readonly name: string };

function expectedTable({ expected, short, tables, page = 0, room }: ExpectedTable): TablePage | null {
  const { nodes } = expected;
  const together = (rows: readonly Pick<NodeExpectation, 'monitors' | 'pooled'>[], name: string): NodeRow => ({
    name,
    monitors: {
      expected: rows.some(({ monitors }) => monitors.expected === null)
        ? null
        : sum(rows, ({ monitors }) => monitors.expected ?? 0),
      seen: sum(rows, ({ monitors }) => monitors.seen),
    },
    pooled: sum(rows, ({ pooled }) => pooled),
    pooledPerClient: null,
  });
  const known = (value: number | null): TableCell => (value === null ? null : figure(value));
  return tablePage<NodeRow>({
    caption: 'Expected of its clients, and seen',
    columns: [
      { title: 'Node', kind: 'name', cell: ({ name }) => name },
      { title: 'Heartbeats expected', kind: 'figure', cell: ({ monitors }) => known(monitors.expected) },
      { title: 'Heartbeats seen', kind: 'figure', cell: ({ monitors }) => figure(monitors.seen) },
      { title: 'Pooled', kind: 'figure', cell: ({ pooled }) => figure(pooled) },
      { title: 'Pooled per client', kind: 'figure', cell: perClientCell },
    ],
    rows: nodes.map(({ host, ...node }) => ({ name: short(host), ...node })),
    rest: (rows, where) => together(rows, restName(rows, where)),
    last: nodes.length > 1 ? [together(nodes, 'All nodes')] : [],
    from: page,
    style: tables,
    room,
  });
}

function perClientCell({ pooledPerClient }: NodeRow): TableCell {
  if (pooledPerClient === null) return '–';
  const value = Math.round(pooledPerClient * 10) / 10;
  return { value, text: String(value) };
}
