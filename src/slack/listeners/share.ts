// Share: the report for all in the channel, with who shared it.

import type { App, BlockAction } from '@slack/bolt';
import { ACTIONS } from '../blockkit/action-values.ts';
import type { Floor } from '../floor.ts';
import { clickVisit, pressOf } from '../requests/decode.ts';

export function listenToShare(app: App, { reception, answers }: Floor): void {
  app.action<BlockAction>({ type: 'block_actions', action_id: ACTIONS.share }, ({ body }) =>
    reception.attend(clickVisit(body), (guest) => answers.share(guest, pressOf(body))),
  );
}
