// Share: the report for all in the channel, with who shared it.

import type { App, BlockAction } from '@slack/bolt';
import { clickVisit, pressOf } from '../decode.ts';
import type { Floor } from '../floor.ts';
import { ACTIONS } from '../keys.ts';

export function listenToShare(app: App, { reception, answers }: Floor): void {
  app.action<BlockAction>({ type: 'block_actions', action_id: ACTIONS.share }, ({ body }) =>
    reception.attend(clickVisit(body), (guest) => answers.share(guest, pressOf(body))),
  );
}
