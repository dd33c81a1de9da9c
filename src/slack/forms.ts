// The form of a silence in Slack: opened at once, for a trigger lives three seconds; then it says what it is about.

import type { WebClient } from '@slack/web-api';
import type { Problem } from '../core/base/problem.ts';
import { LONG_REASON, LONGEST_REASON } from '../core/commands/parse-silence.ts';
import type { Desk } from '../core/ports/reports.ts';
import { FORM, type FormOrigin, type SilenceInput } from './blockkit/silence-fields.ts';
import { slackErrorCode } from './client/errors.ts';
import type { BotLog } from './client/log.ts';
import { subjectOf } from './features/alert-target.ts';
import { ALERT_GONE } from './features/alerts.ts';
import { NO_WATCH } from './features/show-history.ts';
import { endOf, targetsOf } from './features/silences.ts';
import type { Guest } from './requests/handle-request.ts';
import { goneView } from './views/gone.ts';
import { problemView } from './views/notices.ts';
import { refusalView } from './views/refusal.ts';
import { formLines } from './views/silence.ts';
import { silenceForm } from './views/silence-form.ts';

export type Opened = { readonly ok: true; readonly viewId: string } | { readonly ok: false; readonly error: string };

export interface Forms {
  /** Never rejects: Slack's refusal is a result. */
  open(triggerId: string, origin: FormOrigin): Promise<Opened>;
  /** Says in the open form what is to be silenced, or why it cannot be. */
  explain(guest: Guest, form: { readonly origin: FormOrigin; readonly opened: Opened }): Promise<void>;
  /** What was entered wrongly, by block; null where nothing was. Needs nobody and nothing: it is asked before three seconds are over. */
  wrong(input: SilenceInput): Record<string, string> | null;
}

export function createForms(input: {
  readonly client: WebClient;
  readonly desk: Desk;
  readonly now: () => Date;
  readonly log: BotLog;
}): Forms {
  const { client, desk, now, log } = input;
  return {
    async open(triggerId, origin) {
      try {
        const { view } = await client.views.open({ trigger_id: triggerId, view: silenceForm(origin, []) });
        return view?.id === undefined ? { ok: false, error: 'no_view' } : { ok: true, viewId: view.id };
      } catch (error) {
        return { ok: false, error: slackErrorCode(error) };
      }
    },

    async explain(guest, { origin, opened }) {
      const { acting, reply, signal } = guest;
      if (!acting.allowed) return reply.show(() => refusalView(acting));
      const { watching } = desk;
      if (watching === null) return reply.show(() => problemView(NO_WATCH));
      if (!opened.ok) return reply.show(() => problemView(notOpened(opened.error)));
      const subject = await subjectOf(origin.subject, watching, { desk, signal });
      const targets = subject === null ? [] : targetsOf(subject, { everyRule: false });
      if (targets.length === 0) return reply.show(() => goneView(ALERT_GONE));
      try {
        await client.views.update({ view_id: opened.viewId, view: silenceForm(origin, formLines(targets)) });
      } catch (error) {
        // It was sent or closed meanwhile, and works without these lines as well.
        log.info({ error: slackErrorCode(error) }, 'a form was not drawn again');
      }
    },

    wrong(entered) {
      if ((entered.reason ?? '').length > LONGEST_REASON) return { [FORM.reason]: LONG_REASON };
      const end = endOf(entered, now());
      if (end.ok) return null;
      return { [entered.until === null ? FORM.duration : FORM.date]: end.problem.text };
    },
  };
}

function notOpened(error: string): Problem {
  return {
    code: 'form-not-opened',
    text: `Slack did not open the form (${error}).`,
    remedy: 'Press again, or write a silence as a command.',
  };
}
