// Interactive elements and where each may stand.

import {
  confirm,
  id,
  image,
  link,
  markedOption,
  option,
  optionGroup,
  overflowOption,
  plain,
  words,
} from './composition.ts';
import { anything, byType, type Check, every, flag, list, number, oneOf, shape, someOf, text } from './shape.ts';

const placeholder = plain({ max: 150 });
const common = { 'action_id?': id, 'confirm?': confirm, 'focus_on_load?': flag };

function element(type: string, fields: Readonly<Record<string, Check>>): Check {
  return shape({ type: oneOf(type), ...common, ...fields });
}

export const button = shape({
  type: oneOf('button'),
  text: plain({ max: 75 }),
  'action_id?': id,
  'value?': text({ min: 0, max: 2000 }),
  'url?': link,
  'style?': oneOf('primary', 'danger'),
  'confirm?': confirm,
  'accessibility_label?': text({ max: 75 }),
});

function select(type: string, extra: Readonly<Record<string, Check>> = {}): Check {
  return element(type, { 'placeholder?': placeholder, ...extra });
}

function choices(type: string, initial: Readonly<Record<string, Check>>): Check {
  return every(
    select(type, {
      'options?': list(option, { max: 100 }),
      'option_groups?': list(optionGroup, { max: 100 }),
      ...initial,
    }),
    someOf('options', 'option_groups'),
  );
}

const several = { 'max_selected_items?': number({ min: 1 }) };
const conversation = {
  'default_to_current_conversation?': flag,
  'filter?': anything,
  'response_url_enabled?': flag,
};
const input = { 'placeholder?': placeholder, 'dispatch_action_config?': anything };
const length = { 'min_length?': number({ min: 0, max: 3000 }), 'max_length?': number({ min: 1, max: 3000 }) };

const selects: Readonly<Record<string, Check>> = {
  static_select: choices('static_select', { 'initial_option?': option }),
  external_select: select('external_select', { 'initial_option?': option, 'min_query_length?': number({ min: 0 }) }),
  users_select: select('users_select', { 'initial_user?': text() }),
  conversations_select: select('conversations_select', { 'initial_conversation?': text(), ...conversation }),
  channels_select: select('channels_select', { 'initial_channel?': text(), 'response_url_enabled?': flag }),
  multi_static_select: choices('multi_static_select', { 'initial_options?': list(option, { max: 100 }), ...several }),
  multi_external_select: select('multi_external_select', {
    'initial_options?': list(option, { max: 100 }),
    'min_query_length?': number({ min: 0 }),
    ...several,
  }),
  multi_users_select: select('multi_users_select', { 'initial_users?': list(text()), ...several }),
  multi_conversations_select: select('multi_conversations_select', {
    'initial_conversations?': list(text()),
    ...conversation,
    ...several,
  }),
  multi_channels_select: select('multi_channels_select', { 'initial_channels?': list(text()), ...several }),
};

const pickers: Readonly<Record<string, Check>> = {
  datepicker: element('datepicker', { 'initial_date?': text(), 'placeholder?': placeholder }),
  timepicker: element('timepicker', { 'initial_time?': text(), 'placeholder?': placeholder, 'timezone?': text() }),
  datetimepicker: element('datetimepicker', { 'initial_date_time?': number() }),
  checkboxes: element('checkboxes', {
    options: list(markedOption, { max: 10 }),
    'initial_options?': list(markedOption, { max: 10 }),
  }),
  radio_buttons: element('radio_buttons', {
    options: list(markedOption, { max: 10 }),
    'initial_option?': markedOption,
  }),
};

const overflow = element('overflow', { options: list(overflowOption, { min: 2, max: 5 }) });

const inputs: Readonly<Record<string, Check>> = {
  plain_text_input: element('plain_text_input', {
    'initial_value?': text({ min: 0 }),
    'multiline?': flag,
    ...length,
    ...input,
  }),
  rich_text_input: element('rich_text_input', { 'initial_value?': anything, ...input }),
  email_text_input: element('email_text_input', { 'initial_value?': text(), ...input }),
  url_text_input: element('url_text_input', { 'initial_value?': text(), ...input }),
  number_input: element('number_input', {
    is_decimal_allowed: flag,
    'initial_value?': text(),
    'min_value?': text(),
    'max_value?': text(),
    ...input,
  }),
  file_input: element('file_input', { 'filetypes?': list(text()), 'max_files?': number({ min: 1, max: 10 }) }),
};

const feedback = shape({
  text: plain({ max: 75 }),
  value: text({ max: 2000 }),
  'accessibility_label?': text({ max: 75 }),
});

/** Of an actions block. */
export const actionElement = byType({ button, overflow, ...selects, ...pickers, workflow_button: anything });
/** Beside a section's text. */
export const accessory = byType({ button, overflow, image, ...selects, ...pickers, workflow_button: anything });
export const inputElement = byType({ ...inputs, ...selects, ...pickers });
export const contextElement: Check = (value, pointer) =>
  byType({ image, mrkdwn: words({ max: 3000 }), plain_text: words({ max: 3000 }) })(value, pointer);
export const contextAction = byType({
  feedback_buttons: shape({
    type: oneOf('feedback_buttons'),
    'action_id?': id,
    positive_button: feedback,
    negative_button: feedback,
  }),
  icon_button: shape({
    type: oneOf('icon_button'),
    icon: oneOf('trash'),
    text: plain({ max: 75 }),
    'action_id?': id,
    'value?': text({ max: 2000 }),
    'confirm?': confirm,
    'accessibility_label?': text({ max: 75 }),
    'visible_to_user_ids?': list(text()),
  }),
});
