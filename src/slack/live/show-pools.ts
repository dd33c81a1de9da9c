// The pools of the applications, asked for by a command or a button: of all apps, or of one.

import { clipped, joinWords } from '../../core/base/format.ts';
import { inWords } from '../../core/base/problem.ts';
import type { AppPools, PoolsView } from '../../core/pools/view.ts';
import { appsNamed, inCluster, POOLS_NONE, POOLS_OFF, unknownApp } from '../../core/pools/words.ts';
import { matchesKey, type PoolsPage } from '../blockkit/action-values.ts';
import type { MessagePlace, MessageView } from '../blockkit/types.ts';
import type { Rendering } from '../client/send.ts';
import type { ViewDependencies } from '../features/lookup.ts';
import { shareWithAll } from '../features/show-report.ts';
import type { RequestContext } from '../requests/handle-request.ts';
import { problemView } from '../views/notices.ts';
import { appPoolsView, noPoolsView, poolsListView } from './pools-view.ts';

const ALL: PoolsPage = { app: null, cluster: null, page: 0 };

/** As a person typed them. */
interface NamedPools {
  readonly app: string | null;
  readonly cluster: string | null;
}

export async function showPools(context: RequestContext, named: NamedPools, input: ViewDependencies): Promise<void> {
  const { reply } = context;
  await reply.show(await drawn(context, (view) => chosenBy(view, named), { ...input, place: reply.place }));
}

/** A button of one of these views, or an app of the menu. */
export async function openPools(context: RequestContext, page: PoolsPage, input: ViewDependencies): Promise<void> {
  const { reply } = context;
  await reply.show(await drawn(context, (view) => chosenAt(view, page), { ...input, place: reply.place }));
}

/** Posts the newest reports for everyone in the channel: they are not kept, so it cannot be those on the screen. */
export function sharePools(context: RequestContext, page: PoolsPage, input: ViewDependencies): Promise<void> {
  return shareWithAll(context, (place) => drawn(context, (view) => chosenAt(view, page), { ...input, place }));
}

type Chosen =
  | { readonly kind: 'app'; readonly app: AppPools; readonly shown: PoolsPage }
  | { readonly kind: 'list'; readonly view: PoolsView; readonly title: string; readonly shown: PoolsPage }
  | { readonly kind: 'words'; readonly words: string };

/** Rejects while the reports cannot be read: the request answers with the reason. */
async function drawn(
  { signal }: RequestContext,
  choose: (view: PoolsView) => Chosen,
  { reports, command, place }: ViewDependencies & { readonly place: MessagePlace },
): Promise<Rendering> {
  if (reports.pools === null) return () => problemView(POOLS_OFF);
  const view = await reports.pools.view(signal);
  if (view.apps.length === 0) return () => noPoolsView([[inWords(POOLS_NONE)]], { place, shown: ALL });
  const chosen = choose(view);
  return (tables): MessageView => {
    switch (chosen.kind) {
      case 'app':
        return appPoolsView({ ...chosen, view, tables, place });
      case 'list':
        return poolsListView({ ...chosen, tables, place, command });
      case 'words':
        return noPoolsView([[chosen.words]], { place, shown: ALL });
    }
  };
}

function chosenBy(view: PoolsView, { app, cluster }: NamedPools): Chosen {
  const within = inCluster(view, cluster);
  if (within.apps.length === 0) return { kind: 'words', words: noneIn(view, cluster) };
  const shown = { ...ALL, cluster };
  if (app === null) return { kind: 'list', view: within, title: titleIn(cluster), shown };
  const rows = appsNamed(within, app);
  const [first] = rows;
  if (first === undefined) return { kind: 'words', words: inWords(unknownApp(app, { view: within, cluster })) };
  if (rows.length === 1) return ofApp(first);
  const isOne = rows.every((row) => row.app === first.app);
  const title = `Pools of "${clipped(app, 60)}"`;
  return { kind: 'list', view: { ...view, apps: rows }, title, shown: isOne ? { ...shown, app: first.app } : shown };
}

function chosenAt(view: PoolsView, { app, cluster, page }: PoolsPage): Chosen {
  const rows = view.apps.filter((row) => isAt(row, cluster) && (app === null || matchesKey(row.app, app)));
  const [first] = rows;
  const words = app === null ? 'No app reports these pools any more.' : 'This app reports no longer.';
  if (first === undefined) return { kind: 'words', words: `${words} Refresh shows those that do.` };
  // A row that is named whole.
  if (app !== null && cluster !== null) return ofApp(first, page);
  const shown = {
    app: app === null ? null : first.app,
    cluster: cluster === null ? null : (first.cluster ?? cluster),
    page,
  };
  const title = app === null ? titleIn(cluster === null ? null : first.cluster) : `Pools of ${clipped(first.app, 60)}`;
  return { kind: 'list', view: { ...view, apps: rows }, title, shown };
}

function isAt(row: AppPools, cluster: PoolsPage['cluster']): boolean {
  if (cluster === null) return true;
  return typeof cluster === 'string' ? row.cluster !== null && matchesKey(row.cluster, cluster) : row.cluster === null;
}

function ofApp(app: AppPools, page = 0): Chosen {
  return { kind: 'app', app, shown: { app: app.app, cluster: app.cluster ?? { none: true }, page } };
}

const titleIn = (cluster: string | null) => (cluster === null ? 'Pools' : `Pools to ${clipped(cluster, 60)}`);

function noneIn({ apps }: PoolsView, cluster: string | null): string {
  const others = [...new Set(apps.flatMap((app) => app.cluster ?? []))];
  const where = others.length === 0 ? 'a server that no monitored cluster has' : joinWords(others.slice(0, 10));
  return `No app reports pools to ${cluster ?? 'any cluster'}. Those that report have pools to ${where}.`;
}
