// App Home: opened, refreshed, and back from a report in it.

import type { App, BlockAction } from '@slack/bolt';
import { ACTIONS } from '../blockkit/action-values.ts';
import type { Floor } from '../floor.ts';
import { clickVisit, homeVisit } from '../requests/decode.ts';

export function listenToHome(app: App, { reception, showHome }: Floor): void {
  app.event('app_home_opened', async ({ body }) => {
    const visit = homeVisit(body);
    if (visit !== null) await reception.attend(visit, (guest) => showHome(guest, { fresh: false }));
  });
  for (const [action, fresh] of [
    [ACTIONS.homeRefresh, true],
    [ACTIONS.homeBack, false],
  ] as const) {
    app.action<BlockAction>({ type: 'block_actions', action_id: action }, ({ body }) =>
      reception.attend(clickVisit(body), (guest) => showHome(guest, { fresh })),
    );
  }
}
