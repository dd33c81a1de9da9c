// A modal: its blocks, its fields as the browser's own controls, and its buttons. browser/modal.js sends it.

import { createElement as h, type ReactElement } from 'react';
import type { Modals } from '../stand-in.ts';
import { blockElements } from './block.ts';
import { plain } from './element.ts';
import { type Fields, fieldsOf, listOf, stringOf } from './field.ts';
import type { Names } from './names.ts';

type View = NonNullable<ReturnType<Modals['modal']>>;

/** The part that is fetched again after each change; empty while nothing is open. */
export function modalView(view: View | null, names: Names): ReactElement {
  if (view === null) return h('div', { id: 'modal-view' });
  const { given } = view;
  const submit = plain(given['submit']);
  return h(
    'div',
    { id: 'modal-view', 'data-view': view.id },
    h('h2', { id: 'modal-title' }, plain(given['title'])),
    view.blocks.map((block, at) =>
      block['type'] === 'input'
        ? h('div', { key: at }, field(block))
        : h('div', { key: at }, blockElements([block], names)),
    ),
    h(
      'div',
      { className: 'actions' },
      h('button', { type: 'button', 'data-close': '' }, plain(given['close']) || 'Close'),
      submit === '' ? null : h('button', { type: 'submit', className: 'primary' }, submit),
    ),
  );
}

function field(block: Fields): ReactElement {
  const element = fieldsOf(block['element']);
  const [blockId, actionId, type] = [block['block_id'], element['action_id'], element['type']].map(stringOf);
  const label = `${plain(block['label'])}${block['optional'] === true ? ' (optional)' : ''}`;
  const hint = plain(block['hint']);
  const said = { 'data-block-id': blockId, 'data-action-id': actionId, 'data-type': type };
  return h(
    'fieldset',
    said,
    h('legend', null, label),
    control(element, { name: `${blockId}/${actionId}`, label }),
    hint === '' ? null : h('p', { className: 'hint' }, hint),
    h('p', { className: 'wrong', role: 'alert' }),
  );
}

interface Named {
  readonly name: string;
  readonly label: string;
}

function control(element: Fields, { name, label }: Named): ReactElement | readonly ReactElement[] {
  const named = { 'aria-label': label, name };
  const initial = stringOf(element['initial_value']);
  const shown = { ...named, placeholder: plain(element['placeholder']), defaultValue: initial };
  switch (element['type']) {
    case 'radio_buttons':
      return choices(element, { type: 'radio', name, chosen: [fieldsOf(element['initial_option'])] });
    case 'checkboxes':
      return choices(element, { type: 'checkbox', name, chosen: listOf(element['initial_options']) });
    case 'static_select':
      return menu(element, named);
    case 'datetimepicker':
      return h('input', { ...named, type: 'datetime-local' });
    case 'number_input': {
      const [min, max] = [element['min_value'], element['max_value']].map((bound) => stringOf(bound) || undefined);
      return h('input', { ...shown, type: 'number', step: element['is_decimal_allowed'] ? 'any' : 1, min, max });
    }
    case 'plain_text_input': {
      const maxLength = Number(element['max_length'] ?? 3000);
      return element['multiline'] === true
        ? h('textarea', { ...shown, maxLength, rows: 4 })
        : h('input', { ...shown, maxLength });
    }
    default:
      return h('span', { className: 'unknown' }, `element type ${stringOf(element['type']) || 'missing'}`);
  }
}

function menu(element: Fields, named: { readonly name: string }): ReactElement {
  const initial = stringOf(fieldsOf(element['initial_option'])['value']);
  const placeholder = plain(element['placeholder']) || 'Choose an option';
  const items = [element, ...listOf(element['option_groups'])].flatMap((group) => listOf(group['options']));
  return h(
    'select',
    { ...named, defaultValue: initial },
    h('option', { value: '' }, placeholder),
    items.map((option, at) => h('option', { key: at, value: stringOf(option['value']) }, plain(option['text']))),
  );
}

function choices(
  element: Fields,
  { chosen, ...input }: { readonly type: string; readonly name: string; readonly chosen: readonly Fields[] },
): readonly ReactElement[] {
  const marked = new Set(chosen.map((option) => option['value']));
  return listOf(element['options']).map((option, at) =>
    h(
      'label',
      { key: at },
      h('input', { ...input, value: stringOf(option['value']), defaultChecked: marked.has(option['value']) }),
      h('span', null, plain(option['text'])),
    ),
  );
}
