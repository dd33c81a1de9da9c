// Acknowledges every delivery at once, before anything else: known or not, allowed or not.

import type { App, BlockAction, ViewSubmitAction } from '@slack/bolt';
import type { Log } from '../core/ports/telemetry.ts';
import { ACTIONS, type ActionId, readAccept } from './blockkit/action-values.ts';
import { SILENCE_FORM } from './blockkit/silence-fields.ts';
import { slackErrorCode } from './client/errors.ts';
import { type Handlers, openView, runCommand, shareView } from './command-router.ts';
import {
  alertRequest,
  clickRequest,
  commandRequest,
  homeRequest,
  mentionRequest,
  modalRequest,
  originOf,
  type Press,
  pressOf,
  submissionOf,
} from './requests/decode.ts';
import type { RequestContext } from './requests/handle-request.ts';

export function listen(app: App, handlers: Handlers, log: Log): void {
  acknowledgeAll(app, log);
  listenToMessages(app, handlers);
  listenToButtons(app, handlers);
  listenToHome(app, handlers);
  listenToSilenceForm(app, handlers);
  app.error(async (error) => log.error({ err: error }, 'delivery failed'));
}

/**
 * Bolt acknowledges events itself. Unknown commands and buttons have no listener, so nothing would acknowledge them. If
 * an acknowledgement fails, Slack delivers again; the work continues anyway.
 */
function acknowledgeAll(app: App, log: Log): void {
  app.use(async (args) => {
    if ('command' in args || 'action' in args) {
      try {
        await args.ack();
      } catch (error) {
        log.warn({ error: slackErrorCode(error), err: error }, 'delivery not acknowledged');
      }
    }
    await args.next();
  });
}

/** The slash command, mentions in channels and threads, and direct messages to the bot. */
function listenToMessages(app: App, handlers: Handlers): void {
  const { requests, identity } = handlers;
  // Any command of the app. A command that differs from the settings would otherwise never get an answer.
  app.command(/^\//, ({ command }) =>
    requests.handle(commandRequest(command), (context) => runCommand(context, command.text, handlers)),
  );
  const hear = async ({ body }: { readonly body: unknown }) => {
    const mention = mentionRequest(body);
    if (mention === null) return;
    const text = withoutName(mention.text, identity.botUser);
    await requests.handle(mention.request, (context) => runCommand(context, text, handlers));
  };
  app.event('app_mention', hear);
  app.event('message', async ({ body, event }) => {
    if (event.channel_type === 'im') await hear({ body });
  });
}

/**
 * The bot's name may be anywhere in a sentence.
 * @internal
 */
export function withoutName(text: string, botUser: string): string {
  return text.replaceAll(new RegExp(`<@${botUser}(\\|[^<>]*)?>`, 'g'), ' ');
}

const { refresh, nodes, back, chooseSource, chooseCluster, showLast, freshReport, openCluster } = ACTIONS;
const { earlierRows, laterRows, sourceOfCluster } = ACTIONS;
const { forecast, forecastX2, forecastX4 } = ACTIONS;
const { history, history1h, history24h, history7d, history35d, history400d } = ACTIONS;
const OPENING = [
  ...[refresh, nodes, back, chooseSource, chooseCluster, showLast, freshReport, openCluster],
  ...[earlierRows, laterRows, sourceOfCluster],
  ...[forecast, forecastX2, forecastX4],
  ...[history, history1h, history24h, history7d, history35d, history400d],
];

/** Buttons and menus below every view except App Home's own. */
function listenToButtons(app: App, handlers: Handlers): void {
  const { requests, alerting, silencing } = handlers;
  type Handle = (context: RequestContext, press: Press) => Promise<void>;
  const on = (action: ActionId, requestOf: typeof clickRequest, handle: Handle) =>
    app.action<BlockAction>({ type: 'block_actions', action_id: action }, ({ body }) =>
      requests.handle(requestOf(body), (context) => handle(context, pressOf(body))),
    );
  for (const action of OPENING) on(action, clickRequest, (context, press) => openView(context, press, handlers));
  on(ACTIONS.share, clickRequest, (context, press) => shareView(context, press, handlers));
  for (const action of [ACTIONS.alertDetails, ACTIONS.groupSelect]) on(action, alertRequest, alerting.details);
  on(ACTIONS.alertMore, alertRequest, (context, press) => {
    const accepted = readAccept(press.value);
    return accepted === null ? openView(context, press, handlers) : alerting.askToAccept(context, accepted);
  });
  on(ACTIONS.alertAccept, clickRequest, (context, press) => alerting.accept(context, press));
  on(ACTIONS.alertAcknowledge, alertRequest, alerting.acknowledge);
  on(ACTIONS.unsilence, clickRequest, alerting.endSilence);
  on(ACTIONS.unsilenceAll, clickRequest, alerting.endAll);
  on(ACTIONS.silenceChosen, clickRequest, silencing.chosen);
}

/** App Home: opened, refreshed, and back from a report in it. */
function listenToHome(app: App, { requests, showHome }: Handlers): void {
  app.event('app_home_opened', async ({ body }) => {
    const request = homeRequest(body);
    if (request !== null) await requests.handle(request, (context) => showHome(context, { fresh: false }));
  });
  for (const [action, fresh] of [
    [ACTIONS.homeRefresh, true],
    [ACTIONS.homeBack, false],
  ] as const) {
    app.action<BlockAction>({ type: 'block_actions', action_id: action }, ({ body }) =>
      requests.handle(clickRequest(body), (context) => showHome(context, { fresh })),
    );
  }
}

/** The form is opened before any look-up, because its trigger expires after three seconds. */
function listenToSilenceForm(app: App, { requests, forms, silencing }: Handlers): void {
  app.action<BlockAction>({ type: 'block_actions', action_id: ACTIONS.alertSilence }, async ({ body }) => {
    const origin = originOf(body, pressOf(body).value);
    const opened = await forms.open(body.trigger_id, origin);
    const request = opened.ok ? modalRequest(body, opened.viewId) : alertRequest(body);
    await requests.handle(request, (context) => forms.explain(context, { origin, opened }));
  });
  app.view<ViewSubmitAction>({ type: 'view_submission', callback_id: SILENCE_FORM }, async ({ body, ack }) => {
    const submission = submissionOf(body);
    const wrong = submission === null ? null : forms.wrong(submission.input);
    await (wrong === null ? ack() : ack({ response_action: 'errors', errors: wrong }));
    if (submission === null || wrong !== null) return;
    await requests.handle(submission.request, (context) => silencing.submitted(context, submission));
  });
}
