// Buttons below alerts, groups, sources and silences: acknowledge, details, the end of a silence, one of several targets.

import type { App, BlockAction } from '@slack/bolt';
import { ACTIONS } from '../blockkit/action-values.ts';
import type { Floor } from '../floor.ts';
import { alertVisit, clickVisit, pressOf } from '../requests/decode.ts';

export function listenToAlerts(app: App, { reception, alerting, silencing }: Floor): void {
  for (const action of [ACTIONS.alertDetails, ACTIONS.groupSelect]) {
    app.action<BlockAction>({ type: 'block_actions', action_id: action }, ({ body }) =>
      reception.attend(alertVisit(body), (guest) => alerting.details(guest, pressOf(body))),
    );
  }
  app.action<BlockAction>({ type: 'block_actions', action_id: ACTIONS.alertAcknowledge }, ({ body }) =>
    reception.attend(alertVisit(body), (guest) => alerting.acknowledge(guest, pressOf(body))),
  );
  app.action<BlockAction>({ type: 'block_actions', action_id: ACTIONS.unsilence }, ({ body }) =>
    reception.attend(clickVisit(body), (guest) => alerting.endSilence(guest, pressOf(body))),
  );
  app.action<BlockAction>({ type: 'block_actions', action_id: ACTIONS.silenceChosen }, ({ body }) =>
    reception.attend(clickVisit(body), (guest) => silencing.chosen(guest, pressOf(body))),
  );
}
