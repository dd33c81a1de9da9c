// Acknowledges every delivery at once, before anything else: known or not, allowed or not.

import type { App, BlockAction, SlashCommand, ViewSubmitAction } from '@slack/bolt';
import { commandName } from '../core/commands/commands.ts';
import { typedConnectionString } from '../core/commands/typed-string.ts';
import type { Log } from '../core/ports/telemetry.ts';
import { ACTIONS, type ActionId, readAccept } from './blockkit/action-values.ts';
import { LINT_FORM, WHAT_IF_ANSWER, WHAT_IF_FORM } from './blockkit/forms.ts';
import { SILENCE_FORM } from './blockkit/silence-fields.ts';
import { slackErrorCode } from './client/errors.ts';
import { type Handlers, openView, runCommand, shareView } from './command-router.ts';
import { LINT_TITLE, readPlace } from './insight/lint-form.ts';
import { readState, WHAT_IF_TITLE } from './insight/what-if-form.ts';
import {
  alertRequest,
  channelAsked,
  clickRequest,
  commandRequest,
  homeRequest,
  inModal,
  mentionRequest,
  modalPressOf,
  originOf,
  type Press,
  type PutView,
  pressOf,
  type SlackRequest,
  type SubmittedForm,
  submissionOf,
  submittedForm,
} from './requests/decode.ts';
import type { RequestContext } from './requests/handle-request.ts';
import { SILENCE_TITLE } from './views/silence-form.ts';

export function listen(app: App, handlers: Handlers, log: Log): void {
  acknowledgeAll(app, log);
  listenToMessages(app, handlers);
  listenToButtons(app, handlers);
  listenToHome(app, handlers);
  listenToSilenceForm(app, handlers);
  listenToLintForm(app, handlers, log);
  listenToWhatIf(app, handlers);
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
  app.command(/^\//, ({ command }) => {
    const string = typedConnectionString(command.text, handlers);
    if (string === null && commandName(command.text, handlers) === 'lint') return openLintForm(command, handlers);
    return requests.handle({ ...commandRequest(command), hasString: string !== null }, (context) =>
      string === null
        ? runCommand(context, command.text, handlers)
        : handlers.linting.typed(context, string, commandName(command.text, handlers)),
    );
  });
  const hear = async ({ body }: { readonly body: unknown }) => {
    const mention = mentionRequest(body);
    if (mention === null) return;
    const text = withoutName(mention.text, identity.botUser);
    const string = typedConnectionString(text, handlers);
    const hasString = string !== null;
    await requests.handle({ ...mention.request, isPrivate: hasString, hasString }, (context) =>
      string === null
        ? runCommand(context, text, handlers)
        : handlers.linting.typed(context, string, commandName(text, handlers)),
    );
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
const { earlierRows, laterRows, sourceOfCluster, why, pools } = ACTIONS;
const { forecast, forecastX2, forecastX4 } = ACTIONS;
const { history, history1h, history24h, history7d, history35d, history400d } = ACTIONS;
const OPENING = [
  ...[refresh, nodes, back, chooseSource, chooseCluster, showLast, freshReport, openCluster],
  ...[earlierRows, laterRows, sourceOfCluster, why, pools],
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
  on(ACTIONS.alertWhy, alertRequest, (context, press) => openView(context, press, handlers));
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
    const request = opened.ok ? inModal(clickRequest(body), opened.viewId, SILENCE_TITLE) : alertRequest(body);
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

/** As the silence form, the form for a connection string is opened before any look-up. */
async function openLintForm(command: SlashCommand, { requests, linting }: Handlers): Promise<void> {
  const request = commandRequest(command);
  const opened = await linting.open(command.trigger_id, request.channel.id);
  await requests.handle(opened.ok ? inModal(request, opened.viewId, LINT_TITLE) : request, (context) =>
    linting.complete(context, opened),
  );
}

function listenToLintForm(app: App, { requests, linting }: Handlers, log: Log): void {
  app.action<BlockAction>({ type: 'block_actions', action_id: ACTIONS.lintOpen }, async ({ body }) => {
    const request = alertRequest(body);
    const opened = await linting.open(body.trigger_id, request.channel.id);
    await requests.handle(opened.ok ? inModal(request, opened.viewId, LINT_TITLE) : request, (context) =>
      linting.complete(context, opened),
    );
  });
  app.action<BlockAction>({ type: 'block_actions', action_id: ACTIONS.lintAgain }, async ({ body }) => {
    const modal = modalPressOf(body);
    if (modal === null) return;
    const opened = await linting.again(modal, body.trigger_id);
    if (!opened.ok) return log.info({ error: opened.error }, 'lint form not shown again');
    const request = { ...clickRequest(body), channel: channelAsked(opened.place.channel) };
    await requests.handle(inModal(request, opened.viewId, LINT_TITLE), (context) => linting.complete(context, opened));
  });
  app.view<ViewSubmitAction>({ type: 'view_submission', callback_id: LINT_FORM }, async ({ body, ack }) => {
    const form = submittedForm(body);
    if (form === null) return ack();
    const answer = linting.submitted(form);
    await ack(answer);
    if (answer.response_action === 'errors') return;
    // Permissions may have changed since the form was opened. They cannot be looked up before the answer.
    const { channel, key } = readPlace(form.metadata);
    const request = { id: `submission ${form.viewId} ${key}`, user: form.user, channel: channelAsked(channel) };
    const shown = { kind: 'modal' as const, viewId: form.viewId, title: LINT_TITLE };
    await requests.handle({ ...request, origin: shown }, async () => undefined);
  });
}

/** The form of a fleet. Its forecast shows what others hold, so permission comes first. */
function listenToWhatIf(app: App, { requests, whatIf }: Handlers): void {
  app.action<BlockAction>({ type: 'block_actions', action_id: ACTIONS.whatIf }, async ({ body }) => {
    const request = alertRequest(body);
    const opened = await whatIf.open(body.trigger_id, { channel: request.channel.id, value: pressOf(body).value });
    await requests.handle(opened.ok ? inModal(request, opened.viewId, WHAT_IF_TITLE) : request, (context) =>
      whatIf.explain(context, opened),
    );
  });
  let submissions = 0;
  app.view<ViewSubmitAction>({ type: 'view_submission', callback_id: WHAT_IF_FORM }, async ({ body, ack }) => {
    const form = submittedForm(body);
    if (form === null) return ack();
    const submitted = whatIf.submitted(form);
    if ('errors' in submitted) return ack({ response_action: 'errors', errors: submitted.errors });
    const { put, end } = whatIf.answering(form, ack);
    await requests.handle(requestOf(form, put), async () => void (await put(submitted.forecast())));
    end();
  });
  app.view<ViewSubmitAction>({ type: 'view_submission', callback_id: WHAT_IF_ANSWER }, async ({ body, ack }) => {
    const form = submittedForm(body);
    if (form === null) return ack();
    await ack(whatIf.change(form));
    // A refusal takes the place of the form.
    await requests.handle(requestOf(form), async () => undefined);
  });

  function requestOf({ metadata, user, viewId }: SubmittedForm, put?: PutView): SlackRequest {
    // The same form is sent again after a change.
    submissions += 1;
    const origin = { kind: 'modal' as const, viewId, title: WHAT_IF_TITLE, ...(put && { put }) };
    return { id: `what if ${submissions}`, user, channel: channelAsked(readState(metadata).channel), origin };
  }
}
