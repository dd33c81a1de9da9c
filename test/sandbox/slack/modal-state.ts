// What Slack's own client does with a modal before the app hears of it: it sends only what the fields allow, and tells
// the state of every field.

import { type Fields, isFields, textOf } from './answer.ts';
import type { View } from './workspace.ts';

interface Field {
  readonly blockId: string;
  readonly actionId: string;
  readonly element: Fields;
  readonly isOptional: boolean;
}

/** Of a plain_text_input that names no limit. */
const LONGEST_INPUT = 3000;

function fieldsIn({ blocks }: View): readonly Field[] {
  return blocks.flatMap((block) => {
    const { type, block_id, element, optional } = block;
    if (type !== 'input' || !isFields(element)) return [];
    const [blockId, actionId] = [textOf(block_id), textOf(element['action_id'])];
    return [{ blockId, actionId, element, isOptional: optional === true }];
  });
}

/**
 * The state of all fields, with `values` by block_id and action_id in them; throws where a person could not send that.
 */
export function submittedState(view: View, values: Fields): Fields {
  const fields = fieldsIn(view);
  const unknown = Object.keys(values).find((id) => fields.every(({ blockId }) => blockId !== id));
  if (unknown !== undefined) throw new Error(`the modal has no field ${unknown}`);
  return Object.fromEntries(
    fields.map((field) => {
      const { blockId, actionId } = field;
      const given = values[blockId];
      return [blockId, { [actionId]: stateOf(field, isFields(given) ? given[actionId] : undefined) }];
    }),
  );
}

function stateOf({ blockId, element, isOptional }: Field, entered: unknown): Fields {
  const type = textOf(element['type']);
  const given = isFields(entered) ? entered : {};
  const wrong = (words: string) => new Error(`${blockId}: ${words}`);
  const missing = () => {
    if (!isOptional) throw wrong('a value is required');
    return null;
  };
  const option = (chosen: unknown) => {
    const known = optionsOf(element).find(({ value }) => isFields(chosen) && chosen['value'] === value);
    if (known === undefined) throw wrong('no such option');
    return known;
  };
  switch (type) {
    case 'radio_buttons':
    case 'static_select': {
      const chosen = 'selected_option' in given ? given['selected_option'] : element['initial_option'];
      return { type, selected_option: isFields(chosen) ? option(chosen) : missing() };
    }
    case 'checkboxes': {
      const chosen = 'selected_options' in given ? given['selected_options'] : element['initial_options'];
      const options = Array.isArray(chosen) ? chosen.map(option) : [];
      if (options.length === 0) missing();
      return { type, selected_options: options };
    }
    case 'datetimepicker':
      return { type, selected_date_time: given['selected_date_time'] ?? missing() };
    case 'plain_text_input':
    case 'number_input': {
      const value = textOf(given['value'] ?? element['initial_value']);
      if (value === '') return { type, value: missing() };
      const problem = type === 'number_input' ? wrongNumber(value, element) : wrongLength(value, element);
      if (problem !== null) throw wrong(problem);
      return { type, value };
    }
    default:
      return { type, ...given };
  }
}

function optionsOf(element: Fields): readonly Fields[] {
  const groups = [element['option_groups']].flat().filter(isFields);
  return [element['options'], ...groups.map((group) => group['options'])].flat().filter(isFields);
}

function wrongLength({ length }: string, element: Fields): string | null {
  const [min, max] = [Number(element['min_length'] ?? 0), Number(element['max_length'] ?? LONGEST_INPUT)];
  return length < min || length > max ? `${length} characters, and ${min} to ${max} are allowed` : null;
}

function wrongNumber(value: string, element: Fields): string | null {
  const [number, min, max] = [
    Number(value),
    Number(element['min_value'] ?? Number.NEGATIVE_INFINITY),
    Number(element['max_value'] ?? Number.POSITIVE_INFINITY),
  ];
  const isWhole = element['is_decimal_allowed'] === true || Number.isInteger(number);
  return isWhole && number >= min && number <= max ? null : `${value} is no number from ${min} to ${max}`;
}
