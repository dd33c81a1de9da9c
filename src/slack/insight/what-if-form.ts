// The form for a fleet that does not exist yet: its fields, and what a person entered. Its metadata holds all of it but
// the connection string, so that an answer leads back to the form as it was sent, and the bot stores nothing. Of the
// string it holds the options of a pool.

import type { KnownBlock, ModalView } from '@slack/types';
import { count } from '../../core/base/format.ts';
import { fieldsOf, jsonIn, listOf } from '../../core/base/json.ts';
import { maxPoolSizeZero } from '../../core/drivers/defaults.ts';
import { DRIVER_TITLES, DRIVERS, driverNamed } from '../../core/drivers/driver.ts';
import type { Fleet } from '../../core/forecast/against.ts';
import { knownOptions } from '../../core/forecast/decode-plan.ts';
import { poolBoundsOf } from '../../core/forecast/forecast.ts';
import type { PoolOptions } from '../../core/forecast/plan.ts';
import { TIERS, type Tier } from '../../core/forecast/tiers.ts';
import { optionsInString, type StringOptions } from '../../core/lint/plan-options.ts';
import { option, plainWords, prose } from '../blockkit/blocks.ts';
import { WHAT_IF_FORM } from '../blockkit/forms.ts';
import { plain } from '../blockkit/rich-text.ts';
import type { SubmittedForm } from '../requests/decode.ts';

export const WHAT_IF_TITLE = 'What if…';

const FIELDS = [
  'target',
  'nodes',
  'driver',
  'instances',
  'processes',
  'clients',
  'minPoolSize',
  'maxPoolSize',
  'operations',
  'functions',
] as const;
type Field = (typeof FIELDS)[number];
type Values = Readonly<Partial<Record<Field, string>>>;

export interface WhatIfState {
  /** Where the form was opened: the channel's id; null in App Home. */
  readonly channel: string | null;
  /** The cluster of the view with the button; null for none. */
  readonly cluster: string | null;
  /** From 0: Slack keeps the input of a field whose block has the same id. */
  readonly round: number;
  /** What the fields begin with. */
  readonly values: Values;
  /** Of the last connection string. */
  readonly taken: PoolOptions;
}

export function packState({ channel, cluster, round, values, taken }: WhatIfState): string {
  return JSON.stringify([channel, cluster, round, FIELDS.map((field) => values[field] ?? null), taken]);
}

export function readState(metadata: string): WhatIfState {
  const [channel, cluster, round, values, taken] = listOf(jsonIn(metadata));
  const entered = listOf(values);
  return {
    channel: typeof channel === 'string' ? channel : null,
    cluster: typeof cluster === 'string' ? cluster : null,
    round: typeof round === 'number' ? round : 0,
    values: Object.fromEntries(
      FIELDS.flatMap((field, index) => (typeof entered[index] === 'string' ? [[field, entered[index]]] : [])),
    ),
    taken: knownOptions(fieldsOf(taken)),
  };
}

interface NumberField {
  readonly label: string;
  readonly hint?: string;
  readonly min: number;
  readonly max: number;
  /** Left out for a field that begins empty. */
  readonly initial?: string;
  readonly optional?: true;
}

const MOST_NODES = 50;
const LARGEST_POOL = 100_000;

const NUMBERS: Readonly<Record<Exclude<Field, 'target' | 'driver' | 'functions'>, NumberField>> = {
  nodes: {
    label: 'Nodes, for a tier',
    hint: 'Of the replica set. A watched cluster has its own.',
    ...{ min: 1, max: MOST_NODES, initial: '3' },
  },
  instances: { label: 'Instances of the application', hint: 'Pods, machines or functions.', min: 1, max: 1_000_000 },
  processes: { label: 'Processes of an instance', min: 1, max: 1_000, initial: '1' },
  clients: { label: 'MongoClients of a process', min: 1, max: 10_000, initial: '1' },
  minPoolSize: { label: 'minPoolSize', min: 0, max: LARGEST_POOL, optional: true },
  maxPoolSize: {
    label: 'maxPoolSize',
    hint: 'Empty: the default of the driver.',
    ...{ min: 0, max: LARGEST_POOL, optional: true },
  },
  operations: {
    label: 'Operations at once of a client',
    hint: 'On the primary, or on a mongos.',
    ...{ min: 0, max: LARGEST_POOL, initial: '1' },
  },
};

/** The field of the connection string is none of the others: its input is kept nowhere. */
const STRING = 'string';
/** Slack's limit for an input. */
const LONGEST_STRING = 3_000;

/** The value of the watched cluster among the tiers. */
const WATCHED = 'cluster';
const USUAL_TIER = 'M30';
const blockOf = (field: Field | typeof STRING, { round }: Pick<WhatIfState, 'round'>) => `${field} ${round}`;

/** @param hasReading whether the cluster can be offered */
export function whatIfForm(state: WhatIfState, hasReading: boolean): ModalView {
  const number = (field: keyof typeof NUMBERS) => numberBlock(field, state);
  return {
    type: 'modal',
    callback_id: WHAT_IF_FORM,
    private_metadata: packState(state),
    title: plainWords(WHAT_IF_TITLE),
    submit: plainWords('Forecast'),
    close: plainWords('Cancel'),
    blocks: [
      targetBlock(state, hasReading),
      number('nodes'),
      driverBlock(state),
      ...(['instances', 'processes', 'clients', 'operations', 'minPoolSize', 'maxPoolSize'] as const).map(number),
      ...stringBlocks(state),
      functionsBlock(state),
    ],
  };
}

function targetBlock(state: WhatIfState, hasReading: boolean): KnownBlock {
  const { cluster, values } = state;
  const watched =
    cluster !== null && hasReading
      ? [option(`${plain(cluster, { max: 40 })}, with what others hold now`, WATCHED)]
      : [];
  const options = [
    ...watched,
    ...TIERS.map(({ name, connections }) => option(`${name}: ${count(connections)} connections a node`, name)),
  ];
  const wanted = values.target ?? (watched.length > 0 ? WATCHED : USUAL_TIER);
  const initial = options.find(({ value }) => value === wanted);
  return {
    type: 'input',
    block_id: blockOf('target', state),
    label: plainWords('Against'),
    element: {
      type: 'static_select',
      action_id: 'target',
      options,
      ...(initial !== undefined && { initial_option: initial }),
    },
  };
}

function driverBlock(state: WhatIfState): KnownBlock {
  const any = option('Any driver', 'any');
  const options = [any, ...DRIVERS.map((name) => option(DRIVER_TITLES[name], name))];
  const initial = options.find(({ value }) => value === state.values.driver) ?? any;
  return {
    type: 'input',
    block_id: blockOf('driver', state),
    label: plainWords('Driver'),
    element: { type: 'static_select', action_id: 'driver', options, initial_option: initial },
  };
}

function numberBlock(field: keyof typeof NUMBERS, state: WhatIfState): KnownBlock {
  const { label, hint, min, max, initial, optional } = NUMBERS[field];
  const value = state.values[field] ?? initial;
  return {
    type: 'input',
    block_id: blockOf(field, state),
    label: plainWords(label),
    ...(hint !== undefined && { hint: plainWords(hint) }),
    ...(optional === true && { optional }),
    element: {
      type: 'number_input',
      action_id: field,
      is_decimal_allowed: false,
      min_value: String(min),
      max_value: String(max),
      ...(value !== undefined && { initial_value: value }),
    },
  };
}

function stringBlocks(state: WhatIfState): readonly KnownBlock[] {
  const taken = optionsText(state.taken);
  const field: KnownBlock = {
    type: 'input',
    block_id: blockOf(STRING, state),
    optional: true,
    label: plainWords('Connection string'),
    hint: plainWords(
      'Its pool options count; they alone are kept. It goes through Slack to this bot: leave the password out.',
    ),
    element: { type: 'plain_text_input', action_id: STRING, multiline: true, max_length: LONGEST_STRING },
  };
  const words = `Taken from the string before: ${taken}. Another string replaces them, and a field above wins over them.`;
  return taken === '' ? [field] : [field, prose([[words]])];
}

/** `maxPoolSize=20, maxIdleTimeMS=60000` */
export function optionsText(options: PoolOptions): string {
  return Object.entries(options)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');
}

function functionsBlock(state: WhatIfState): KnownBlock {
  const only = option('As functions (Lambda, Cloud Run functions, Vercel, …)', 'functions');
  return {
    type: 'input',
    block_id: blockOf('functions', state),
    optional: true,
    label: plainWords('Where it runs'),
    element: {
      type: 'checkboxes',
      action_id: 'functions',
      options: [only],
      ...(state.values.functions !== undefined && { initial_options: [only] }),
    },
  };
}

export interface WhatIfInput {
  readonly fleet: Fleet;
  /** A tier with a number of nodes; null for the watched cluster. */
  readonly tier: { readonly tier: Tier; readonly nodes: number } | null;
  readonly values: Values;
  /** Of the connection string, or of the one before. */
  readonly taken: PoolOptions;
}

type Entered =
  | { readonly ok: true; readonly input: WhatIfInput }
  | { readonly ok: false; readonly errors: Record<string, string> };

export function whatIfEntered(form: SubmittedForm): Entered {
  const state = readState(form.metadata);
  const errors: Record<string, string> = {};
  const wrong = (field: Field | typeof STRING, words: string) => {
    errors[blockOf(field, state)] = words;
  };
  const textIn = (field: Field | typeof STRING) =>
    form.fields.get(field)?.text ?? form.fields.get(field)?.chosen[0] ?? null;
  const number = (field: keyof typeof NUMBERS): number | null => {
    const { min, max, optional } = NUMBERS[field];
    const text = textIn(field)?.trim() ?? '';
    if (text === '' && optional === true) return null;
    const value = Number(text);
    if (!/^\d{1,9}$/.test(text) || value < min || value > max)
      wrong(field, `Write a whole number from ${count(min)} to ${count(max)}.`);
    return value;
  };
  const [instances, processes, clients] = [number('instances'), number('processes'), number('clients')];
  const [nodes, operations] = [number('nodes'), number('operations')];
  const [minPoolSize, maxPoolSize] = [number('minPoolSize'), number('maxPoolSize')];
  const driver = driverNamed(textIn('driver') ?? '') ?? 'any';
  const target = textIn('target');
  const tier = TIERS.find(({ name }) => name === target) ?? null;
  if (tier === null && (target !== WATCHED || state.cluster === null)) wrong('target', 'Choose a tier.');
  const string = textIn(STRING)?.trim() ?? '';
  const found: StringOptions | { readonly wrong: string } =
    string === '' ? { options: state.taken, hosts: null } : optionsInString(string, driver);
  if ('wrong' in found) wrong(STRING, `${found.wrong} "lint" says more.`);
  const taken = 'wrong' in found ? {} : found.options;
  const options: PoolOptions = {
    ...taken,
    ...(minPoolSize !== null && { minPoolSize }),
    ...(maxPoolSize !== null && { maxPoolSize }),
  };
  // An error stands where the value was written.
  const from = (field: 'minPoolSize' | 'maxPoolSize', value: number | null) =>
    value === null && taken[field] !== undefined && string !== '' ? STRING : field;
  if (options.maxPoolSize === 0 && maxPoolSizeZero(driver) === 'error')
    wrong(from('maxPoolSize', maxPoolSize), 'The driver refuses maxPoolSize=0. Write 1 or more.');
  const { min, max } = poolBoundsOf({ driver, mode: 'pooled', options });
  if (min > max) wrong(from('minPoolSize', minPoolSize), `minPoolSize is above maxPoolSize, which is ${count(max)}.`);
  if (options.loadBalanced === true && (options.directConnection === true || (options.srvMaxHosts ?? 0) > 0))
    wrong(STRING, 'loadBalanced stands beside directConnection or srvMaxHosts, which drivers refuse.');
  if (Object.keys(errors).length > 0) return { ok: false, errors };
  const values = Object.fromEntries(
    FIELDS.flatMap((field) => {
      const text = textIn(field);
      return text === null ? [] : [[field, text]];
    }),
  );
  const atOnce = operations ?? 0;
  const fleet: Fleet = {
    ...{
      driver,
      mode: 'pooled',
      server: null,
      options,
      instances: instances ?? 0,
      processes: processes ?? 0,
      clients: clients ?? 0,
    },
    env: textIn('functions') === null ? {} : { AWS_LAMBDA_RUNTIME_API: '127.0.0.1' },
    operations: { primary: atOnce, mongos: atOnce, single: atOnce },
  };
  return { ok: true, input: { fleet, tier: tier === null ? null : { tier, nodes: nodes ?? 0 }, values, taken } };
}

/** An error beside the target. */
export function readingGone(state: WhatIfState): Record<string, string> {
  const words = 'I have no reading of this cluster any more. Choose a tier, or ask for a forecast of it first.';
  return { [blockOf('target', state)]: words };
}
