// Lints connection strings in Slack: by a form, and where one was typed into a command or a message. A string is in
// memory only while its answer is made. No error and no log line has a part of it.

import type { ModalView } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { referenceOf } from '../../core/base/short-id.ts';
import type { CommandName } from '../../core/commands/commands.ts';
import { nodesRead } from '../../core/connections/node-usage.ts';
import type { ConnectionReport } from '../../core/connections/report.ts';
import { sizeOf } from '../../core/connections/source.ts';
import { isDefaultAppName } from '../../core/drivers/app-names.ts';
import { type LintReport, lintConnectionString } from '../../core/lint/lint.ts';
import type { ReportService } from '../../core/ports/reports.ts';
import type { Log } from '../../core/ports/telemetry.ts';
import { explain } from '../../errors.ts';
import { slackErrorCode } from '../client/errors.ts';
import type { SubmittedForm } from '../requests/decode.ts';
import type { RequestContext } from '../requests/handle-request.ts';
import { problemView } from '../views/notices.ts';
import { modalOf } from '../views/silence-form.ts';
import {
  clusterUnknown,
  enteredIn,
  type FieldErrors,
  type FormPlace,
  LINT_TITLE,
  type LintInput,
  lintForm,
  readPlace,
} from './lint-form.ts';
import { type ClusterRoom, type Linted, lintedMessage, lintedModal, offerView } from './lint-view.ts';

/** The form on the screen. The hash tells whether the person has sent it meanwhile. */
type OpenedForm =
  | { readonly ok: true; readonly viewId: string; readonly hash: string; readonly place: FormPlace }
  | { readonly ok: false; readonly error: string };

/** Goes into the acknowledgement of a submission. */
type FormAnswer =
  | { readonly response_action: 'update'; readonly view: ModalView }
  | { readonly response_action: 'errors'; readonly errors: Record<string, string> };

export interface Linting {
  /** Opens the form at once, before any look-up: a trigger expires after three seconds. Never rejects. */
  open(triggerId: string, channel: string | null): Promise<OpenedForm>;
  /** Puts an empty form in the place of an answer. Never rejects. @param key differs from the form's before */
  again(modal: { readonly viewId: string; readonly metadata: string }, key: string): Promise<OpenedForm>;
  /** Offers the clusters in an open form; or says why there is none. */
  complete(context: RequestContext, opened: OpenedForm): Promise<void>;
  /** Makes no call, because Slack waits only three seconds. Never throws. */
  submitted(form: SubmittedForm): FormAnswer;
  /** A button that opens the form. */
  offer(context: RequestContext): Promise<void>;
  /**
   * A string that was typed into a command or a message.
   * @param command what was typed before it, and is not carried out unless it is `lint`; null where that is no command
   */
  typed(context: RequestContext, text: string, command: CommandName | null): Promise<void>;
}

export function createLinting(input: {
  readonly client: WebClient;
  readonly reports: Pick<ReportService, 'clusters' | 'last'>;
  /** 0 to 1. */
  readonly random: () => number;
  readonly log: Log;
}): Linting {
  const { client, reports, log } = input;

  const opened = async (
    place: FormPlace,
    call: (view: ModalView) => Promise<{ view?: { id?: string; hash?: string } }>,
  ): Promise<OpenedForm> => {
    try {
      const { view } = await call(lintForm(place, []));
      const { id, hash } = view ?? {};
      if (id === undefined || hash === undefined) return { ok: false, error: 'no_view' };
      return { ok: true, viewId: id, hash, place };
    } catch (error) {
      return { ok: false, error: slackErrorCode(error) };
    }
  };

  const lint = ({ string, driver, functions, fleet }: LintInput): Linted | null => {
    const { appName } = lintConnectionString(string, { driver, functions, fleet: null }).options;
    const room = fleet === null ? null : roomOf(reports, fleet.cluster, typeof appName === 'string' ? appName : null);
    if (fleet !== null && room === null) return null;
    const held = fleet === null || room === null ? null : { instances: fleet.instances, room };
    const context = {
      driver,
      functions,
      fleet:
        held === null ? null : { instances: held.instances, limit: held.room.limit, reserved: othersIn(held.room) },
    };
    return { report: changed(lintConnectionString(string, context), string), fleet: held };
  };

  const answerTo = (form: SubmittedForm): FormAnswer => {
    const entered = enteredIn(form);
    if (!entered.ok) return wrong(entered.errors);
    const linted = lint(entered.input);
    if (linted === null) return wrong(clusterUnknown(form));
    return { response_action: 'update', view: lintedModal(linted, readPlace(form.metadata)) };
  };

  return {
    open: (triggerId, channel) =>
      opened({ channel, key: triggerId }, (view) => client.views.open({ trigger_id: triggerId, view })),

    again: ({ viewId, metadata }, key) =>
      opened({ ...readPlace(metadata), key }, (view) => client.views.update({ view_id: viewId, view })),

    async complete({ reply, signal }, form) {
      if (!form.ok) return reply.show(() => offerView(`Slack did not open the form (${form.error}).`));
      const { names } = await reports.clusters(signal);
      const known = names.filter((name) => roomOf(reports, name, null) !== null);
      if (known.length === 0) return;
      const { viewId, hash, place } = form;
      try {
        await client.views.update({ view_id: viewId, hash, view: lintForm(place, known) });
      } catch (error) {
        // The form was sent or closed meanwhile. It works without the clusters too.
        log.info({ error: slackErrorCode(error) }, 'lint form not updated');
      }
    },

    submitted(form) {
      try {
        return answerTo(form);
      } catch (error) {
        const reference = referenceOf(input.random);
        log.error({ request: reference, err: wordless(error) }, 'linter failed');
        const view = modalOf(problemView(explain(wordless(error), reference)), LINT_TITLE);
        return { response_action: 'update', view };
      }
    },

    offer: ({ reply }) => reply.show(() => offerView(null)),

    async typed({ reply }, string, command) {
      const view = typedView(string, command === 'lint' ? null : command);
      await reply.show(() => view);
    },
  };

  function typedView(string: string, undone: CommandName | null) {
    try {
      const report = changed(lintConnectionString(string, { driver: 'any', functions: false, fleet: null }), string);
      return lintedMessage({ report, fleet: null }, undone);
    } catch (error) {
      throw wordless(error);
    }
  }
}

function wrong(errors: FieldErrors): FormAnswer {
  return { response_action: 'errors', errors: { ...errors } };
}

/**
 * The node with the least room, by the last reading. Null without a reading, or if it has no limits.
 * @param app the appName of the string, whose connections are the application's own
 */
function roomOf(reports: Pick<ReportService, 'last'>, cluster: string, app: string | null): ClusterRoom | null {
  const answer = reports.last(cluster);
  if (answer === null) return null;
  const held = app === null || isDefaultAppName(app, cluster) ? null : heldBy(app, answer.report);
  const rooms = nodesRead(answer.report).flatMap(({ host, current, limit }): readonly ClusterRoom[] => {
    if (current === null || limit === null) return [];
    return [{ cluster, node: host, limit, current, own: held && Math.min(current, held.get(host) ?? 0) }];
  });
  const [least = null] = rooms.toSorted((a, b) => a.limit - othersIn(a) - (b.limit - othersIn(b)));
  return least;
}

function othersIn({ current, own }: ClusterRoom): number {
  return current - (own ?? 0);
}

/**
 * Connections with an appName by node: at least so many, because of a large source the largest rows are kept. Null
 * where the reading has none.
 */
function heldBy(app: string, { sources }: ConnectionReport): ReadonlyMap<string, number> | null {
  const held = new Map<string, number>();
  for (const row of sources.flatMap(({ combinations }) => combinations.largest))
    if (row.app === app) held.set(row.node, (held.get(row.node) ?? 0) + sizeOf(row));
  return held.size === 0 ? null : held;
}

/** What is corrected nowhere is not shown as corrected. */
function changed(report: LintReport, string: string): LintReport {
  return report.repaired === string.trim() ? { ...report, repaired: null } : report;
}

/** Where an error was thrown, without its words: those may repeat what was linted. */
export function wordless(error: unknown): Error {
  const clean = new Error('The linter failed.');
  const { stack = '', message = '' } = error instanceof Error ? error : {};
  const end = stack.indexOf(message);
  clean.stack = `${clean}${end < 0 ? '' : stack.slice(end + message.length)}`;
  return clean;
}
