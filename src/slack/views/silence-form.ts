// Modals: a message in a modal, and the form of a silence.

import type { KnownBlock, ModalView } from '@slack/types';
import { DAY, durationText, HOUR, WEEK } from '../../core/base/duration.ts';
import { LONGEST_REASON } from '../../core/commands/silence.ts';
import { option, plainWords, prose } from '../blockkit/blocks.ts';
import { withoutCharts } from '../blockkit/fallback.ts';
import type { Phrase } from '../blockkit/rich-text.ts';
import { FORM, FORM_OPTIONS, type FormOrigin, packOrigin, SILENCE_FORM } from '../blockkit/silence-fields.ts';
import type { MessageView } from '../blockkit/types.ts';

export const SILENCE_TITLE = 'Silence';

/**
 * An answer that replaces a form.
 * @param title at most 24 characters
 */
export function modalOf(view: MessageView, title: string): ModalView {
  const blocks = withoutCharts(view).blocks.filter(({ type }) => type !== 'table' && type !== 'data_table');
  const shown = blocks.length === 0 ? [prose([[view.text]])] : [...blocks];
  return { type: 'modal', title: plainWords(title), close: plainWords('Close'), blocks: shown };
}

const DURATIONS: readonly (readonly [number, string])[] = [
  [HOUR, '1 hour'],
  [4 * HOUR, '4 hours'],
  [DAY, '1 day'],
  [WEEK, '1 week'],
];

/**
 * The form, before and after its targets are known. An update keeps the entered values.
 * @param about lines above the form; empty while they are unknown
 */
export function silenceForm(origin: FormOrigin, about: readonly Phrase[]): ModalView {
  return {
    type: 'modal',
    callback_id: SILENCE_FORM,
    private_metadata: packOrigin(origin),
    title: plainWords(SILENCE_TITLE),
    submit: plainWords('Silence'),
    close: plainWords('Cancel'),
    blocks: [prose(about.length === 0 ? [['Reports still show what is silenced.']] : about), ...inputs()],
  };
}

function inputs(): readonly KnownBlock[] {
  const durations = DURATIONS.map(([length, words]) => option(words, durationText(length)));
  const [first] = durations;
  return [
    {
      type: 'input',
      block_id: FORM.duration,
      label: plainWords('For how long'),
      element: {
        type: 'radio_buttons',
        action_id: FORM.duration,
        options: durations,
        ...(first === undefined ? {} : { initial_option: first }),
      },
    },
    {
      type: 'input',
      block_id: FORM.date,
      optional: true,
      label: plainWords('Or until a date'),
      hint: plainWords('With a date, the duration above does not count.'),
      element: { type: 'datetimepicker', action_id: FORM.date },
    },
    {
      type: 'input',
      block_id: FORM.reason,
      optional: true,
      label: plainWords('Reason'),
      element: {
        type: 'plain_text_input',
        action_id: FORM.reason,
        max_length: LONGEST_REASON,
        placeholder: plainWords('load test, deploy, …'),
      },
    },
    {
      type: 'input',
      block_id: FORM.options,
      optional: true,
      label: plainWords('Also mute'),
      element: {
        type: 'checkboxes',
        action_id: FORM.options,
        options: [
          option('Alerts that become critical', FORM_OPTIONS.hold),
          option('Every other rule of this source or node', FORM_OPTIONS.everyRule),
        ],
      },
    },
  ];
}
