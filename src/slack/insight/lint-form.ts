// The form for a connection string: its fields, and what a person entered. What it holds of the string is the input
// alone: no metadata, no id and no value has a part of it.

import type { KnownBlock, ModalView } from '@slack/types';
import { jsonIn, listOf } from '../../core/base/json.ts';
import { DRIVER_TITLES, DRIVERS, type DriverChoice, driverNamed } from '../../core/drivers/driver.ts';
import { option, plainWords, prose } from '../blockkit/blocks.ts';
import { LINT_FORM } from '../blockkit/forms.ts';
import { LIMITS } from '../blockkit/limits.ts';
import { code, type Phrase } from '../blockkit/rich-text.ts';
import type { EnteredField, SubmittedForm } from '../requests/decode.ts';

export const LINT_TITLE = 'Lint a connection string';

/** Where a form was opened, and what tells its fields from those of the form before. */
export interface FormPlace {
  /** The channel's id; null in App Home. */
  readonly channel: string | null;
  /** New for each form: Slack keeps the input of a field whose block has the same id. */
  readonly key: string;
}

export function packPlace({ channel, key }: FormPlace): string {
  return JSON.stringify([channel, key]);
}

export function readPlace(metadata: string): FormPlace {
  const [channel, key] = listOf(jsonIn(metadata));
  return { channel: typeof channel === 'string' ? channel : null, key: typeof key === 'string' ? key : '' };
}

/** The ids of the fields' elements. */
const FIELD = {
  string: 'string',
  driver: 'driver',
  functions: 'functions',
  instances: 'instances',
  cluster: 'cluster',
} as const;

/** Slack's limit for an input. */
const LONGEST_STRING = 3_000;
const MOST_INSTANCES = 1_000_000;

const NOTICE: readonly Phrase[] = [
  [
    'The string goes through Slack to this bot. It is not posted and not kept here; what Slack keeps is your ' +
      "workspace's matter. The password is needed for nothing but its own spelling: leave it out, or use ",
    code('atlas-conns lint'),
    ' in a terminal.',
  ],
];

/** @param clusters those whose limits are known from a reading; without any, the form does not ask for a fleet */
export function lintForm(place: FormPlace, clusters: readonly string[]): ModalView {
  const any = option('Any driver', 'any');
  const drivers = DRIVERS.map((name) => option(DRIVER_TITLES[name], name));
  const block = (name: keyof typeof FIELD) => ({ type: 'input' as const, block_id: `${name} ${place.key}` });
  const blocks: readonly KnownBlock[] = [
    prose(NOTICE),
    {
      ...block('string'),
      label: plainWords('Connection string'),
      element: {
        type: 'plain_text_input',
        action_id: FIELD.string,
        multiline: true,
        max_length: LONGEST_STRING,
        placeholder: plainWords('mongodb+srv://<user>:<password>@cluster0.ab1cd.mongodb.net/'),
      },
    },
    {
      ...block('driver'),
      label: plainWords('Driver'),
      element: { type: 'static_select', action_id: FIELD.driver, initial_option: any, options: [any, ...drivers] },
    },
    {
      ...block('functions'),
      optional: true,
      label: plainWords('Where it runs'),
      element: {
        type: 'checkboxes',
        action_id: FIELD.functions,
        options: [option('As functions (Lambda, Cloud Run functions, Vercel, …)', FIELD.functions)],
      },
    },
  ];
  const offered = clusters.filter(({ length }) => length <= LIMITS.optionValue).slice(0, LIMITS.options);
  const fleet: readonly KnownBlock[] = [
    {
      ...block('instances'),
      optional: true,
      label: plainWords('Instances of the application'),
      hint: plainWords('With a cluster: whether the pools of all instances fit below its limit.'),
      element: {
        type: 'number_input',
        action_id: FIELD.instances,
        is_decimal_allowed: false,
        min_value: '1',
        max_value: String(MOST_INSTANCES),
      },
    },
    {
      ...block('cluster'),
      optional: true,
      label: plainWords('Cluster'),
      element: {
        type: 'static_select',
        action_id: FIELD.cluster,
        placeholder: plainWords('Choose a cluster'),
        options: offered.map((name) => option(name, name)),
      },
    },
  ];
  return {
    type: 'modal',
    callback_id: LINT_FORM,
    private_metadata: packPlace(place),
    title: plainWords(LINT_TITLE),
    submit: plainWords('Lint'),
    close: plainWords('Cancel'),
    blocks: [...blocks, ...(offered.length === 0 ? [] : fleet)],
  };
}

export interface LintInput {
  readonly string: string;
  readonly driver: DriverChoice;
  readonly functions: boolean;
  /** Null unless both were given. */
  readonly fleet: { readonly instances: number; readonly cluster: string } | null;
}

/** Errors by block, for the fields of a form. */
export type FieldErrors = Readonly<Record<string, string>>;

export function enteredIn(
  form: SubmittedForm,
): { readonly ok: true; readonly input: LintInput } | { readonly ok: false; readonly errors: FieldErrors } {
  const field = (name: keyof typeof FIELD): EnteredField =>
    form.fields.get(FIELD[name]) ?? { block: '', text: null, chosen: [] };
  const { text, block: instancesBlock } = field('instances');
  const [cluster = null] = field('cluster').chosen;
  const instances = text === null ? null : Number(text);
  const refused = (block: string, words: string) => ({ ok: false as const, errors: { [block]: words } });
  if (instances !== null && !(Number.isInteger(instances) && instances >= 1 && instances <= MOST_INSTANCES))
    return refused(instancesBlock, 'Write a whole number, 1 or more.');
  if (instances === null && cluster !== null)
    return refused(instancesBlock, 'Write how many instances there are, or choose no cluster.');
  if (instances !== null && cluster === null)
    return refused(field('cluster').block, 'Choose the cluster, or leave the instances out.');
  const input = {
    string: field('string').text ?? '',
    driver: driverNamed(field('driver').chosen[0] ?? '') ?? 'any',
    functions: field('functions').chosen.length > 0,
    fleet: instances === null || cluster === null ? null : { instances, cluster },
  };
  return { ok: true, input };
}

/** Errors beside the cluster. */
export function clusterUnknown(form: SubmittedForm): FieldErrors {
  const block = form.fields.get(FIELD.cluster)?.block ?? '';
  return { [block]: 'I have no reading of this cluster any more. Choose none, or ask for a report of it first.' };
}
