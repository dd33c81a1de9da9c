// Silence…: the form, opened before anything is looked up, and what comes back from it.

import type { App, BlockAction, ViewSubmitAction } from '@slack/bolt';
import { ACTIONS } from '../blockkit/action-values.ts';
import { SILENCE_FORM } from '../blockkit/silence-fields.ts';
import type { Floor } from '../floor.ts';
import { alertVisit, modalVisit, originOf, pressOf, submissionOf } from '../requests/decode.ts';

export function listenToSilence(app: App, { reception, forms, silencing }: Floor): void {
  app.action<BlockAction>({ type: 'block_actions', action_id: ACTIONS.alertSilence }, async ({ body }) => {
    const origin = originOf(body, pressOf(body).value);
    const opened = await forms.open(body.trigger_id, origin);
    const visit = opened.ok ? modalVisit(body, opened.viewId) : alertVisit(body);
    await reception.attend(visit, (guest) => forms.explain(guest, { origin, opened }));
  });
  app.view<ViewSubmitAction>({ type: 'view_submission', callback_id: SILENCE_FORM }, async ({ body, ack }) => {
    const submission = submissionOf(body);
    const wrong = submission === null ? null : forms.wrong(submission.input);
    await (wrong === null ? ack() : ack({ response_action: 'errors', errors: wrong }));
    if (submission === null || wrong !== null) return;
    await reception.attend(submission.visit, (guest) => silencing.submitted(guest, submission));
  });
}
