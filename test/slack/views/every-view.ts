// Every view that a report can be shown in, in every style and place.

import { COMMANDS } from '../../../src/core/command.ts';
import type { BotStatus } from '../../../src/core/desk.ts';
import type { ConnectionReport } from '../../../src/core/report.ts';
import { DIMENSIONS } from '../../../src/core/turn.ts';
import type { HomeView, MessageView, Place, TableStyle } from '../../../src/slack/view.ts';
import { clusterChoiceView, sourceChoiceView } from '../../../src/slack/views/choice.ts';
import { goneView } from '../../../src/slack/views/gone.ts';
import { helpView } from '../../../src/slack/views/help.ts';
import { homeView } from '../../../src/slack/views/home.ts';
import { hygieneView } from '../../../src/slack/views/hygiene.ts';
import { nodesView } from '../../../src/slack/views/nodes.ts';
import { problemView, unreadView } from '../../../src/slack/views/problem.ts';
import { readingView } from '../../../src/slack/views/reading.ts';
import { refusalView } from '../../../src/slack/views/refusal.ts';
import { reportView } from '../../../src/slack/views/report.ts';
import { sourceView } from '../../../src/slack/views/source.ts';
import { statusView } from '../../../src/slack/views/status.ts';

export const STYLES: readonly TableStyle[] = ['data_table', 'table', 'text'];
/** The only person that any of these views may mention. */
export const SHARER = 'U0SHARER';
export const PLACES: readonly Place[] = [{ kind: 'answer' }, { kind: 'shared', by: SHARER }, { kind: 'home' }];

export function everyMessage(report: ConnectionReport): readonly MessageView[] {
  const { cluster, sources } = report;
  const ageMs = 8_000;
  const shown = STYLES.flatMap((tables) => PLACES.map((place) => ({ report, ageMs, tables, place })));
  const names = sources.map(({ name }) => name);
  const left = names.slice(0, 20).map((name) => ({ name, reason: name }));
  const problem = report.problems[0] ?? { code: 'none', text: cluster, remedy: '' };
  return [
    ...shown.map((input, index) => reportView({ ...input, by: DIMENSIONS[index % DIMENSIONS.length] ?? 'source' })),
    ...shown.map((input) => reportView({ ...input, by: 'source' })),
    ...shown.flatMap((input) => sources.slice(0, 1).map((source) => sourceView({ ...input, source }))),
    ...shown.flatMap((input) => [nodesView(input), hygieneView(input)]),
    ...STYLES.map((tables) => statusView({ status: statusOf(report), tables })),
    helpView({ command: '/atlas-conns', forms: COMMANDS }),
    problemView(problem, { lastReading: { cluster, at: report.at } }),
    unreadView(report, { lastReading: { cluster, at: report.at } }),
    clusterChoiceView({ names, left, by: 'app' }),
    sourceChoiceView({ cluster, wanted: cluster, candidates: sources }),
    readingView({ cluster, nodes: 3 }),
    refusalView({ reason: cluster, ask: names.slice(0, 7) }),
    goneView({ what: names[0] ?? 'The source', cluster }),
  ];
}

export function everyHome(report: ConnectionReport): readonly HomeView[] {
  const answer = { report, ageMs: 0 };
  const problem = report.problems[0] ?? null;
  const cards = [report.cluster, ...report.sources.map(({ name }) => name)].map((name) => ({ name, answer, problem }));
  return [
    homeView({ clusters: cards, status: statusOf(report), tables: 'table' }),
    homeView({ clusters: [], status: statusOf(report), tables: 'table' }),
  ];
}

function statusOf({ sources, problems, at }: ConnectionReport): BotStatus {
  const names = sources.map(({ name }) => name);
  const read = { tookMs: 12, nodesRead: 2, nodesKnown: 3 };
  const unread = { lastReadAt: null, tookMs: null, nodesRead: null, nodesKnown: null };
  return {
    version: '0.1.0',
    instance: names[0] ?? 'one',
    startedAt: at,
    clusters: names.map((name, index) => ({ name, ...(index % 2 === 0 ? { lastReadAt: at, ...read } : unread) })),
    left: names.slice(0, 30).map((name) => ({ name, reason: name })),
    problems,
  };
}
