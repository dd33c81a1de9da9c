// The buttons and menus below a view. They depend on the place of the view.

import type { ActionsBlock, Button, StaticSelect } from '@slack/types';
import { count } from '../../core/base/format.ts';
import type { Dimension } from '../../core/connections/group-by.ts';
import type { ConnectionSource } from '../../core/connections/source.ts';
import { DEFAULT_WINDOW } from '../../core/snapshots/time-window.ts';
import { ACTIONS, type ButtonView, reportValue, viewValue } from '../blockkit/action-values.ts';
import { actions, button, select } from '../blockkit/blocks.ts';
import { LIMITS } from '../blockkit/limits.ts';
import { plain } from '../blockkit/rich-text.ts';
import type { MessagePlace } from '../blockkit/types.ts';

/** Characters of a source's name in the menu, so that its figure fits after it. */
const LONGEST_NAME = 60;

/** Below the report. A shared report belongs to everyone, so it has neither Refresh nor Share. */
export function reportButtons(input: {
  readonly cluster: string;
  readonly by: Dimension;
  readonly sources: readonly ConnectionSource[];
  readonly place: MessagePlace;
  readonly readAt: number;
}): ActionsBlock {
  const { cluster, by, place, readAt } = input;
  const request: ButtonView = { view: 'report', cluster, by, readAt };
  const menu = sourceMenu(cluster, input.sources);
  const nodes = button({
    action: ACTIONS.nodes,
    word: 'Nodes',
    value: viewValue({ view: 'nodes', cluster }),
    label: `Nodes of ${cluster}`,
  });
  switch (place.kind) {
    case 'answer':
      return actions([menu, refresh(request), nodes, share(request)]);
    case 'shared':
      return actions([menu, nodes]);
    case 'home':
      return actions([menu, homeBack(cluster), refresh(request), nodes]);
  }
}

/** Below a view that was opened from a report. Null on a shared message, which has no way back. */
export function detailButtons(
  request: ButtonView,
  place: MessagePlace,
  more: readonly (Button | null)[] = [],
): ActionsBlock | null {
  if (place.kind === 'shared') return null;
  const { cluster, readAt } = request;
  const back = button({
    action: ACTIONS.back,
    word: 'Back',
    value: reportValue(cluster, readAt),
    label: `Back to the report of ${cluster}`,
  });
  return actions([back, ...more, refresh(request)]);
}

export function sourceMenu(cluster: string, sources: readonly ConnectionSource[]): StaticSelect | null {
  return select({
    action: ACTIONS.chooseSource,
    placeholder: 'Choose a source',
    choices: sources.slice(0, LIMITS.options).map(({ id, name, active, dormant, monitors }) => ({
      words: `${plain(name, { max: LONGEST_NAME })} (${count(active + dormant + monitors)})`,
      value: viewValue({ view: 'source', cluster, source: { id } }),
    })),
  });
}

/** For a monitored source: its history, Acknowledge and Silence. */
export function sourceButtons(input: {
  readonly cluster: string;
  readonly source: Pick<ConnectionSource, 'id' | 'name'>;
  /** Whether an alert of the source is firing and not acknowledged. */
  readonly fires: boolean;
  readonly readAt: number;
}): readonly (Button | null)[] {
  const { cluster, source, fires, readAt } = input;
  const { name } = source;
  const value = viewValue({ view: 'source', cluster, source });
  return [
    button({
      action: ACTIONS.history,
      word: 'History',
      value: viewValue({ view: 'history', cluster, source, window: DEFAULT_WINDOW, readAt }),
      label: `History of ${name}`,
    }),
    fires
      ? button({ action: ACTIONS.alertAcknowledge, word: 'Acknowledge', value, label: `Acknowledge: ${name}` })
      : null,
    button({ action: ACTIONS.alertSilence, word: 'Silence…', value, label: `Silence: ${name}` }),
  ];
}

export function freshReport(cluster: string): Button {
  return button({
    action: ACTIONS.freshReport,
    word: 'Fresh report',
    value: reportValue(cluster),
    label: `Fresh report of ${cluster}`,
  });
}

/** For views of a reading, by its time. */
export function forecastButton(cluster: string, readAt: number): Button {
  return button({
    action: ACTIONS.forecast,
    word: 'Forecast',
    value: viewValue({ view: 'forecast', cluster, growth: null, readAt }),
    label: `Forecast of ${cluster}`,
  });
}

export function homeBack(cluster: string): Button {
  return button({
    action: ACTIONS.homeBack,
    word: 'Back',
    value: reportValue(cluster),
    label: 'Back to all clusters',
  });
}

function refresh(request: ButtonView): Button {
  return button({
    action: ACTIONS.refresh,
    word: 'Refresh',
    value: viewValue(request),
    label: `Read ${request.view === 'project' ? 'all clusters of the project' : request.cluster} again`,
  });
}

function share(request: ButtonView): Button {
  return button({
    action: ACTIONS.share,
    word: 'Share',
    value: viewValue(request),
    label: `Share the report of ${request.cluster} with this channel`,
  });
}
