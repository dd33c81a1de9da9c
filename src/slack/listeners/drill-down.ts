// Buttons and menus that lead to another view in the same place.

import type { App, BlockAction } from '@slack/bolt';
import { ACTIONS } from '../blockkit/action-values.ts';
import type { Floor } from '../floor.ts';
import { clickVisit, pressOf } from '../requests/decode.ts';

const { refresh, nodes, back, chooseSource, chooseCluster, showLast, freshReport, openCluster } = ACTIONS;
const LEADING = [refresh, nodes, back, chooseSource, chooseCluster, showLast, freshReport, openCluster];

export function listenToDrillDown(app: App, { reception, answers }: Floor): void {
  for (const action of LEADING) {
    app.action<BlockAction>({ type: 'block_actions', action_id: action }, ({ body }) =>
      reception.attend(clickVisit(body), (guest) => answers.open(guest, pressOf(body))),
    );
  }
}
