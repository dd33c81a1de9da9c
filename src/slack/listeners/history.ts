// Buttons that lead to a history, and from one length of it to another.

import type { App, BlockAction } from '@slack/bolt';
import { clickVisit, pressOf } from '../decode.ts';
import type { Floor } from '../floor.ts';
import { ACTIONS } from '../keys.ts';

const { history, history1h, history24h, history7d, history35d, history400d } = ACTIONS;

export function listenToHistory(app: App, { reception, answers }: Floor): void {
  for (const action of [history, history1h, history24h, history7d, history35d, history400d]) {
    app.action<BlockAction>({ type: 'block_actions', action_id: action }, ({ body }) =>
      reception.attend(clickVisit(body), (guest) => answers.history(guest, pressOf(body))),
    );
  }
}
