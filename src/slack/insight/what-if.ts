// What if: the form of a fleet that does not exist yet, and its forecast in place of the form.

import type { ModalView } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { count, counted, percent, span } from '../../core/base/format.ts';
import { nodesRead, shortHosts } from '../../core/connections/node-usage.ts';
import { DRIVER_TITLES } from '../../core/drivers/driver.ts';
import {
  clusterTarget,
  type FilledNode,
  type FilledScenario,
  forecastAgainst,
  type TargetForecast,
  tierTarget,
} from '../../core/forecast/against.ts';
import type { ReportAnswer, ReportService } from '../../core/ports/reports.ts';
import { readWhatIf } from '../blockkit/action-values.ts';
import { bullets, plainWords, prose } from '../blockkit/blocks.ts';
import { WHAT_IF_ANSWER } from '../blockkit/forms.ts';
import { bold, moment, type Phrase } from '../blockkit/rich-text.ts';
import { slackErrorCode } from '../client/errors.ts';
import type { PutView, SubmittedForm } from '../requests/decode.ts';
import type { RequestContext } from '../requests/handle-request.ts';
import { problemView } from '../views/notices.ts';
import { wordless } from './lint.ts';
import {
  optionsText,
  packState,
  readingGone,
  readState,
  WHAT_IF_TITLE,
  type WhatIfInput,
  type WhatIfState,
  whatIfEntered,
  whatIfForm,
} from './what-if-form.ts';

type Opened = { readonly ok: true; readonly viewId: string } | { readonly ok: false; readonly error: string };

/** Goes into the acknowledgement of a submission. */
type WhatIfReply =
  | { readonly response_action: 'update'; readonly view: ModalView }
  | { readonly response_action: 'errors'; readonly errors: Record<string, string> };

export interface WhatIf {
  /** Opens the form at once, before any look-up: a trigger expires after three seconds. Never rejects. */
  open(triggerId: string, of: { readonly channel: string | null; readonly value: string }): Promise<Opened>;
  /** Says why there is no form. */
  explain(context: RequestContext, opened: Opened): Promise<void>;
  /** Errors beside the fields, or what makes the forecast. Makes no call. An error has no word of what was entered. */
  submitted(form: SubmittedForm): { readonly errors: Record<string, string> } | { readonly forecast: () => ModalView };
  /** Puts the first view into the acknowledgement of a submission, and later ones in its place. */
  answering(form: SubmittedForm, acknowledge: (reply: WhatIfReply) => Promise<void>): Answering;
  /** From the forecast back to the form, as it was sent. Makes no call. */
  change(form: SubmittedForm): WhatIfReply;
}

interface Answering {
  readonly put: PutView;
  /** Nothing comes any more. */
  end(): void;
}

/** Of the three seconds that Slack waits for an acknowledgement. */
const LONGEST_LOOK_UP_MS = 1_500;

export function createWhatIf(input: {
  readonly client: WebClient;
  readonly reports: Pick<ReportService, 'last'>;
}): WhatIf {
  const { client, reports } = input;
  const readingOf = (cluster: string | null): ReportAnswer | null => {
    const answer = cluster === null ? null : reports.last(cluster);
    return answer === null || nodesRead(answer.report).length === 0 ? null : answer;
  };
  const formFor = (state: WhatIfState) => whatIfForm(state, readingOf(state.cluster) !== null);
  return {
    async open(triggerId, { channel, value }) {
      const state = { channel, cluster: readWhatIf(value), round: 0, values: {}, taken: {} };
      try {
        const { view } = await client.views.open({ trigger_id: triggerId, view: formFor(state) });
        return view?.id === undefined ? { ok: false, error: 'no_view' } : { ok: true, viewId: view.id };
      } catch (error) {
        return { ok: false, error: slackErrorCode(error) };
      }
    },

    async explain({ reply }, opened) {
      if (opened.ok) return;
      const text = `Slack did not open the form (${opened.error}).`;
      const remedy = 'Press again, or use "atlas-conns forecast" in a terminal.';
      await reply.show(() => problemView({ code: 'form-not-opened', text, remedy }));
    },

    submitted(form) {
      const state = readState(form.metadata);
      const entered = enteredIn(form);
      if (!entered.ok) return { errors: entered.errors };
      const { fleet, tier, values, taken } = entered.input;
      const reading = tier === null ? readingOf(state.cluster) : null;
      const target = tier === null ? reading && clusterTarget(reading.report) : tierTarget(tier.tier, tier.nodes);
      if (target === null) return { errors: readingGone(state) };
      return {
        forecast: () => {
          const forecast = forecastAgainst(fleet, target);
          return whatIfAnswer({ forecast, input: entered.input, reading, state: { ...state, values, taken } });
        },
      };
    },

    answering({ viewId }, acknowledge) {
      let acknowledged: Promise<void> | null = null;
      const put: PutView = async (view) => {
        if (acknowledged !== null) {
          await acknowledged;
          return client.views.update({ view_id: viewId, view });
        }
        acknowledged = acknowledge({ response_action: 'update', view });
        await acknowledged;
        return { ok: true };
      };
      // Who waits for the look-up learns of a failure.
      const timer = setTimeout(() => void put(WORKING).catch(() => undefined), LONGEST_LOOK_UP_MS);
      return {
        put(view) {
          clearTimeout(timer);
          return put(view);
        },
        end: () => clearTimeout(timer),
      };
    },

    change(form) {
      const state = readState(form.metadata);
      return { response_action: 'update', view: formFor({ ...state, round: state.round + 1 }) };
    },
  };
}

/** On the screen while the look-up of permission takes longer. */
const WORKING: ModalView = {
  type: 'modal',
  title: plainWords(WHAT_IF_TITLE),
  close: plainWords('Close'),
  blocks: [prose([['Working out the forecast…']])],
};

/** The words of an error may repeat what was entered. */
function enteredIn(form: SubmittedForm): ReturnType<typeof whatIfEntered> {
  try {
    return whatIfEntered(form);
  } catch (error) {
    throw wordless(error);
  }
}

const MOST_NODES = 15;
const MOST_ASSUMPTIONS = 12;

/**
 * Takes the place of the form. Modals take no tables.
 * @internal
 */
export function whatIfAnswer(shown: {
  readonly forecast: TargetForecast;
  readonly input: WhatIfInput;
  /** Of the watched cluster; null for a tier. */
  readonly reading: ReportAnswer | null;
  readonly state: WhatIfState;
}): ModalView {
  const { forecast, input, reading, state } = shown;
  const { nodes, scenarios, assumptions } = forecast;
  const short = shortHosts({ nodes: nodes.map(({ name }) => ({ host: name })) });
  return {
    type: 'modal',
    callback_id: WHAT_IF_ANSWER,
    private_metadata: packState(state),
    title: plainWords(WHAT_IF_TITLE),
    submit: plainWords('Change'),
    close: plainWords('Close'),
    blocks: [
      prose([fleetLine(input, forecast), targetLine(input, reading)]),
      bullets(scenarios.map((scenario) => scenarioLine(scenario, forecast, short))),
      ...connectBlocks(forecast, input),
      prose([[bold('All connections of each node')]]),
      bullets(nodeLines(nodes, short)),
      prose([[bold('Assumptions')]]),
      bullets(assumptions.slice(0, MOST_ASSUMPTIONS).map((words) => [words])),
    ],
  };
}

/** `320 clients (Go): 40 instances × 8 processes.` */
function fleetLine({ fleet }: WhatIfInput, { fleet: { clients } }: TargetForecast): Phrase {
  const { driver, instances, processes, clients: each, env } = fleet;
  const parts = [
    counted(instances, 'instance'),
    ...(processes === 1 ? [] : [`${count(processes)} processes`]),
    ...(each === 1 ? [] : [`${count(each)} clients of a process`]),
  ];
  const name = driver === 'any' ? 'any driver' : DRIVER_TITLES[driver];
  const where = Object.keys(env).length === 0 ? '' : ', on functions';
  const options = optionsText(fleet.options);
  const pools = options === '' ? '' : ` With ${options}.`;
  return [bold(counted(clients, 'client')), ` (${name}${where}): ${parts.join(' × ')}.${pools}`];
}

function targetLine({ tier }: WhatIfInput, reading: ReportAnswer | null): Phrase {
  if (tier !== null) return ['Against ', bold(tier.tier.name), ` with ${counted(tier.nodes, 'node')}.`];
  if (reading === null) return [];
  const { cluster, at } = reading.report;
  return ['Against ', bold(cluster), ' with what others hold, as read ', moment(at, 'date-time'), '.'];
}

const SCENARIO_WORDS: Readonly<Record<FilledScenario['name'], string>> = {
  idle: 'Idle (minPoolSize)',
  used: 'Used (operations at once)',
  full: 'Full pools',
  deploy: 'Rolling deploy',
  election: 'After an election',
};

/** `Full pools: shard-00-00 at 239 % of its limit, with 2,390 connections. 12 instances fit.` */
function scenarioLine(
  { name, busiest, instancesUntilLimit: fit }: FilledScenario,
  { fleet }: TargetForecast,
  short: (host: string) => string,
): Phrase {
  const start = bold(`${SCENARIO_WORDS[name]}: `);
  const most = fleet.scenarios.find((one) => one.name === name)?.busiest ?? null;
  if (most === null) return [start, 'no bound, because the pools are unlimited.'];
  if (busiest === null) return [start, `${count(most)} more connections on the busiest node. Its limit is unknown.`];
  const { name: node, connections, share } = busiest;
  const held = `${share > 1 ? ' is above its limit, at ' : ' at '}${percent(share)}`;
  const fits = fit === null ? '' : ` ${counted(fit, 'instance')} ${fit === 1 ? 'fits' : 'fit'}.`;
  const of = share > 1 ? '' : ' of its limit';
  return [start, short(node), `${held}${of}, with ${counted(connections, 'connection')}.${fits}`];
}

function connectBlocks({ fleet }: TargetForecast, { tier }: WhatIfInput) {
  const { secondsToConnectAll: seconds } = fleet;
  const rate = tier?.tier.establishPerSecond ?? null;
  if (seconds === undefined || rate === null) return [];
  const words = `To connect all takes ${span(seconds * 1_000)}: a node accepts ${rate} new connections a second.`;
  return [prose([[words]])];
}

/** The fullest first. */
function nodeLines(nodes: readonly FilledNode[], short: (host: string) => string): readonly Phrase[] {
  const share = ({ limit, filled }: FilledNode) => (filled.used ?? 0) / (limit ?? Number.POSITIVE_INFINITY);
  const more = nodes.length - MOST_NODES;
  return [
    ...nodes
      .toSorted((a, b) => share(b) - share(a))
      .slice(0, MOST_NODES)
      .map(({ name, kind, limit, others, filled }): Phrase => {
        const of = limit === null ? '' : `, of ${count(limit)}`;
        const full = filled.full === null ? 'no bound' : count(filled.full);
        const used = filled.used === null ? '?' : count(filled.used);
        const now = others === 0 ? '' : `${count(others)} now, `;
        const role = short(name) === kind ? '' : ` (${kind})`;
        return [bold(short(name)), `${role}: ${now}${used} used, ${full} with full pools${of}.`];
      }),
    ...(more > 0 ? [[`and ${counted(more, 'more node')}.`]] : []),
  ];
}
