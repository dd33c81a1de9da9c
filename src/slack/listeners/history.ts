// Buttons that lead to a history, and from one length of it to another.

import type { App, BlockAction } from '@slack/bolt';
import { ACTIONS } from '../blockkit/action-values.ts';
import type { Floor } from '../floor.ts';
import { clickVisit, pressOf } from '../requests/decode.ts';

const { history, history1h, history24h, history7d, history35d, history400d } = ACTIONS;

export function listenToHistory(app: App, { reception, answers }: Floor): void {
  for (const action of [history, history1h, history24h, history7d, history35d, history400d]) {
    app.action<BlockAction>({ type: 'block_actions', action_id: action }, ({ body }) =>
      reception.attend(clickVisit(body), (guest) => answers.history(guest, pressOf(body))),
    );
  }
}
