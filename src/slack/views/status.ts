// The bot's status: version, replica, clusters with their last reading, missing permissions.

import type { KnownBlock } from '@slack/types';
import { count, counted, span } from '../../core/base/format.ts';
import type { MonitorStatus } from '../../core/ports/monitor.ts';
import type { BotStatus, ClusterStatus } from '../../core/ports/reports.ts';
import { header, message, prose } from '../blockkit/blocks.ts';
import { bold, code, moment, type Phrase } from '../blockkit/rich-text.ts';
import { type TableCell, type TableColumn, table } from '../blockkit/table.ts';
import type { MessageView, TableStyle } from '../blockkit/types.ts';
import { at } from './alert.ts';
import { waitingLines } from './alert-status.ts';
import { problemLines, sentence } from './notes.ts';

const MOST_LEFT = 10;
/** Clusters that the fallback text names. */
const MOST_NAMED = 10;

export function statusView({
  status,
  tables,
}: {
  readonly status: BotStatus;
  readonly tables: TableStyle;
}): MessageView {
  const title = `atlas-conns ${status.version}`;
  const remarks = [...skippedLines(status.watch), ...leftLines(status.left), ...problemLines(status)];
  const monitor = watchLines(status.watch);
  const none: readonly Phrase[] = status.clusters.length === 0 ? [['I watch no cluster.']] : [];
  return message({
    said: [[title], selfLine(status), ...monitor, ...none, ...clusterLines(status.clusters), ...remarks],
    above: [header(title), prose([selfLine(status), ...monitor, ...none])],
    table: (room) => clusterTable({ rows: rowsOf(status), isWatched: status.watch !== null, tables, room }),
    below: [remarks.length === 0 ? null : prose(remarks)],
  });
}

/** App Home ends with this line too. */
export function selfLine({ instance, startedAt }: BotStatus): Phrase {
  return ['Replica ', bold(instance), ', up since ', moment(startedAt, 'date-time'), '.'];
}

/** Known clusters that are not read, e.g. paused. */
export function leftLines(left: BotStatus['left']): readonly Phrase[] {
  const more = left.length - MOST_LEFT;
  return [
    ...left.slice(0, MOST_LEFT).map(({ name, reason }): Phrase => [bold(name), ' is not read: ', reason]),
    ...(more > 0 ? [[`and ${count(more)} more not read.`]] : []),
  ];
}

function clusterLines(clusters: readonly ClusterStatus[]): readonly Phrase[] {
  const more = clusters.length - MOST_NAMED;
  return [
    ...clusters.slice(0, MOST_NAMED).map(({ name, lastReadAt, nodesRead, nodesKnown }): Phrase => {
      if (lastReadAt === null) return [name, ': not read yet'];
      const was = nodesRead === 0 ? 'could not be read' : 'read';
      return [name, `: ${was} `, moment(lastReadAt, 'date-time'), `, ${nodesOf(nodesRead, nodesKnown)} nodes`];
    }),
    ...(more > 0 ? [[`and ${count(more)} more clusters.`]] : []),
  ];
}

const nodesOf = (read: number | null, known: number | null): string =>
  `${read === null ? '?' : count(read)} of ${known === null ? '?' : count(known)}`;

type Watched = MonitorStatus['clusters'][number];

interface Row extends ClusterStatus {
  /** Null when it is not monitored. */
  readonly watched: Watched | null;
  /** Whether the store was read. Only the store knows what other replicas did. */
  readonly isKnown: boolean;
}

function rowsOf({ clusters, watch }: BotStatus): readonly Row[] {
  const isKnown = watch !== null && watch.waiting !== null;
  return clusters.map((cluster) => {
    return { ...cluster, watched: watch?.clusters.find(({ name }) => name === cluster.name) ?? null, isKnown };
  });
}

const time = (at: number | null, none: string): TableCell =>
  at === null ? none : moment(new Date(at).toISOString(), 'date-time');

const readColumns: readonly TableColumn<Row>[] = [
  { title: 'Cluster', kind: 'name', cell: ({ name }) => name },
  { title: 'State', kind: 'name', cell: stateOf },
  {
    title: 'Last reading',
    kind: 'name',
    cell: ({ lastReadAt, watched, isKnown }) => {
      const here = lastReadAt === null ? null : Date.parse(lastReadAt);
      // A slot of another replica, or one that is newer than the last report.
      const last = Math.max(here ?? 0, watched?.last ?? 0);
      return time(last === 0 ? null : last, watched === null || isKnown ? 'not yet' : 'not known');
    },
  },
];

/** `3 of 3 nodes in 1.2 s`. When another replica had the last slot, only whether it was read. */
function stateOf({ lastReadAt, nodesRead, nodesKnown, tookMs, watched }: Row): string {
  const last = watched?.last ?? null;
  if (lastReadAt === null || (last !== null && Date.parse(lastReadAt) < last))
    return last === null || watched === null || watched.lastFailed === null
      ? '-'
      : watched.lastFailed
        ? 'failed'
        : 'read';
  const took = tookMs === null ? '' : ` in ${span(tookMs)}`;
  return `${nodesRead === 0 ? 'failed, ' : ''}${nodesOf(nodesRead, nodesKnown)} nodes${took}`;
}

const watchColumns: readonly TableColumn<Row>[] = [
  { title: 'Next', kind: 'name', cell: ({ watched }) => time(watched?.next ?? null, '-') },
  { title: 'Schedule', kind: 'name', cell: ({ watched }) => watched?.schedule || '-' },
  { title: 'Replica', kind: 'name', cell: ({ watched }) => watched?.holder || '-' },
];

/** `Readings were skipped because the one before them was still running: prod 3, staging 1.` */
function skippedLines(watch: MonitorStatus | null): readonly Phrase[] {
  const skipped = watch?.clusters.filter((cluster) => cluster.skipped > 0) ?? [];
  const more = skipped.length - MOST_NAMED;
  const named = skipped.slice(0, MOST_NAMED).map((cluster) => `${cluster.name} ${count(cluster.skipped)}`);
  const rest = more > 0 ? ` and ${count(more)} more clusters` : '';
  return skipped.length === 0
    ? []
    : [[`Readings were skipped because the one before was still running: ${named.join(', ')}${rest}.`]];
}

function clusterTable(input: {
  readonly rows: readonly Row[];
  readonly isWatched: boolean;
  readonly tables: TableStyle;
  readonly room: number;
}): KnownBlock | null {
  return table({
    caption: 'Clusters and their last reading',
    columns: input.isWatched ? [...readColumns, ...watchColumns] : readColumns,
    rows: input.rows,
    rest: (rows) => ({
      name: `and ${count(rows.length)} more`,
      lastReadAt: null,
      tookMs: null,
      nodesRead: null,
      nodesKnown: null,
      watched: null,
      isKnown: true,
    }),
    style: input.tables,
    room: input.room,
  });
}

// The monitor: the place of the history, waiting deliveries, and unwritten readings.

const KINDS: Readonly<Record<string, string>> = { sqlite: 'SQLite', mongodb: 'MongoDB' };

export function watchLines(watch: MonitorStatus | null): readonly Phrase[] {
  if (watch === null) return [['No history is kept, and no alerts are posted.']];
  const { store, unwritten, lost, waiting } = watch;
  const where: Phrase = [`History and alerts live in ${KINDS[store.kind] ?? store.kind}: `, code(store.where), '.'];
  return [
    where,
    ...awayLines(store),
    ...(unwritten === 0
      ? []
      : [[`${counted(unwritten, 'reading')} ${unwritten === 1 ? 'waits' : 'wait'} to be written.`]]),
    ...(lost === 0
      ? []
      : [
          [
            `${counted(lost, 'earlier reading')} ${lost === 1 ? 'was' : 'were'} lost: memory was full, or they could not be written.`,
          ],
        ]),
    ...(waiting === null ? [['The number of messages that wait for Slack is unknown.']] : waitingLines(waiting)),
  ];
}

function awayLines({ awaySince, problem }: MonitorStatus['store']): readonly Phrase[] {
  if (awaySince === null) return [];
  const since: Phrase = ['It has been unavailable since ', at(awaySince)];
  if (problem === null) return [[...since, ': readings continue and are written when it is back.']];
  return [[...since, ': ', ...sentence(problem)], ['Readings continue and wait in memory.']];
}
