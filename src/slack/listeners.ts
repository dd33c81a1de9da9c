// Acknowledged at once, always: known or not, allowed or not, and before anything else is done.

import type { App, BlockAction, ViewSubmitAction } from '@slack/bolt';
import { ACTIONS } from './blockkit/action-values.ts';
import { SILENCE_FORM } from './blockkit/silence-fields.ts';
import { slackErrorCode } from './client/errors.ts';
import type { BotLog } from './client/log.ts';
import type { Handlers } from './command-router.ts';
import {
  alertRequest,
  clickRequest,
  commandRequest,
  homeRequest,
  mentionRequest,
  modalRequest,
  originOf,
  pressOf,
  submissionOf,
} from './requests/decode.ts';

/**
 * Commands and clicks; events Bolt acknowledges itself. An unknown command or button would never be acknowledged by its
 * listeners, for there are none. Where the line is gone, Slack delivers again, and the work goes on regardless.
 */
export function acknowledgeAll(app: App, log: BotLog): void {
  app.use(async (args) => {
    if ('command' in args || 'action' in args) {
      try {
        await args.ack();
      } catch (error) {
        log.warn({ error: slackErrorCode(error), err: error }, 'a delivery could not be acknowledged');
      }
    }
    await args.next();
  });
}

// Buttons below alerts, groups, sources and silences: acknowledge, details, the end of a silence, one of several targets.

export function listenToAlerts(app: App, { reception, alerting, silencing }: Handlers): void {
  for (const action of [ACTIONS.alertDetails, ACTIONS.groupSelect]) {
    app.action<BlockAction>({ type: 'block_actions', action_id: action }, ({ body }) =>
      reception.attend(alertRequest(body), (guest) => alerting.details(guest, pressOf(body))),
    );
  }
  app.action<BlockAction>({ type: 'block_actions', action_id: ACTIONS.alertAcknowledge }, ({ body }) =>
    reception.attend(alertRequest(body), (guest) => alerting.acknowledge(guest, pressOf(body))),
  );
  app.action<BlockAction>({ type: 'block_actions', action_id: ACTIONS.unsilence }, ({ body }) =>
    reception.attend(clickRequest(body), (guest) => alerting.endSilence(guest, pressOf(body))),
  );
  app.action<BlockAction>({ type: 'block_actions', action_id: ACTIONS.silenceChosen }, ({ body }) =>
    reception.attend(clickRequest(body), (guest) => silencing.chosen(guest, pressOf(body))),
  );
}

// The slash command.

/** Any command of the app: one with another name than the settings have would never be answered otherwise. */
export function listenToCommand(app: App, { reception, answers }: Handlers): void {
  app.command(/^\//, ({ command }) =>
    reception.attend(commandRequest(command), (guest) => answers.command(guest, command.text)),
  );
}

// Buttons and menus that lead to another view in the same place.

const { refresh, nodes, back, chooseSource, chooseCluster, showLast, freshReport, openCluster } = ACTIONS;
const LEADING = [refresh, nodes, back, chooseSource, chooseCluster, showLast, freshReport, openCluster];

export function listenToDrillDown(app: App, { reception, answers }: Handlers): void {
  for (const action of LEADING) {
    app.action<BlockAction>({ type: 'block_actions', action_id: action }, ({ body }) =>
      reception.attend(clickRequest(body), (guest) => answers.open(guest, pressOf(body))),
    );
  }
}

// Buttons that lead to a history, and from one length of it to another.

const { history, history1h, history24h, history7d, history35d, history400d } = ACTIONS;

export function listenToHistory(app: App, { reception, answers }: Handlers): void {
  for (const action of [history, history1h, history24h, history7d, history35d, history400d]) {
    app.action<BlockAction>({ type: 'block_actions', action_id: action }, ({ body }) =>
      reception.attend(clickRequest(body), (guest) => answers.history(guest, pressOf(body))),
    );
  }
}

// App Home: opened, refreshed, and back from a report in it.

export function listenToHome(app: App, { reception, showHome }: Handlers): void {
  app.event('app_home_opened', async ({ body }) => {
    const visit = homeRequest(body);
    if (visit !== null) await reception.attend(visit, (guest) => showHome(guest, { fresh: false }));
  });
  for (const [action, fresh] of [
    [ACTIONS.homeRefresh, true],
    [ACTIONS.homeBack, false],
  ] as const) {
    app.action<BlockAction>({ type: 'block_actions', action_id: action }, ({ body }) =>
      reception.attend(clickRequest(body), (guest) => showHome(guest, { fresh })),
    );
  }
}

// "@atlas-conns prod" in channels and threads, and messages to the bot alone: answered in the thread.

export function listenToMentions(app: App, { reception, answers, identity }: Handlers): void {
  const hear = async ({ body }: { readonly body: unknown }) => {
    const heard = mentionRequest(body);
    if (heard === null) return;
    await reception.attend(heard.visit, (guest) => answers.command(guest, withoutName(heard.text, identity.botUser)));
  };
  app.event('app_mention', hear);
  app.event('message', async ({ body, event }) => {
    if (event.channel_type === 'im') await hear({ body });
  });
}

/**
 * The bot's name stands in front, or anywhere in a sentence.
 * @internal
 */
export function withoutName(text: string, botUser: string): string {
  return text.replaceAll(new RegExp(`<@${botUser}(\\|[^<>]*)?>`, 'g'), ' ');
}

// Share: the report for all in the channel, with who shared it.

export function listenToShare(app: App, { reception, answers }: Handlers): void {
  app.action<BlockAction>({ type: 'block_actions', action_id: ACTIONS.share }, ({ body }) =>
    reception.attend(clickRequest(body), (guest) => answers.share(guest, pressOf(body))),
  );
}

// Silence…: the form, opened before anything is looked up, and what comes back from it.

export function listenToSilence(app: App, { reception, forms, silencing }: Handlers): void {
  app.action<BlockAction>({ type: 'block_actions', action_id: ACTIONS.alertSilence }, async ({ body }) => {
    const origin = originOf(body, pressOf(body).value);
    const opened = await forms.open(body.trigger_id, origin);
    const visit = opened.ok ? modalRequest(body, opened.viewId) : alertRequest(body);
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
