// Interactive elements of blocks, as the browser's own controls. What they do when used is in browser.js.

import { createElement as h, type ReactElement } from 'react';
import { emoji } from './emoji.ts';
import { type Fields, fieldsOf, listOf, stringOf } from './field.ts';

/** Where an element stands: part of what a press says. */
export interface Standing {
  readonly blockId: string;
}

/** A text object's text: plain, with emoji by their names unless it says otherwise. */
export function plain(value: unknown): string {
  const text = fieldsOf(value);
  const written = stringOf(text['text']);
  if (text['type'] !== 'plain_text' || text['emoji'] === false) return written;
  return written.replace(/(?<![\w:]):([a-z][a-z0-9_+-]*):(?![\w:])/g, (whole, name: string) => emoji(name) ?? whole);
}

export function interactive(element: Fields, standing: Standing): ReactElement {
  const { type } = element;
  if (type === 'button') return button(element, standing);
  if (type === 'static_select') return select(element, { ...standing, placeholder: 'Choose an option' });
  if (type === 'overflow') return select(element, { ...standing, placeholder: '⋯' });
  return h('span', { className: 'unknown' }, `element type ${stringOf(type) || 'missing'}`);
}

function pressed(element: Fields, { blockId }: Standing): Record<string, string> {
  const actionId = stringOf(element['action_id']);
  const confirm = fieldsOf(element['confirm']);
  return {
    'data-action': actionId,
    ...(blockId && { 'data-block': blockId }),
    'data-focus': `${blockId}/${actionId}/${stringOf(element['value'])}`,
    ...(element['confirm'] !== undefined && {
      'data-confirm': JSON.stringify({
        title: plain(confirm['title']),
        text: plain(confirm['text']),
        confirm: plain(confirm['confirm']),
        deny: plain(confirm['deny']),
      }),
    }),
  };
}

function button(element: Fields, standing: Standing): ReactElement {
  const style = stringOf(element['style']);
  const className = /^(primary|danger)$/.test(style) ? style : undefined;
  const url = stringOf(element['url']);
  if (/^https?:\/\//.test(url)) {
    const link = { className: `button ${className ?? ''}`, href: url, target: '_blank', rel: 'noreferrer' };
    return h('a', link, plain(element['text']));
  }
  const label = stringOf(element['accessibility_label']) || undefined;
  return h(
    'button',
    { type: 'button', className, 'aria-label': label, ...pressed(element, standing) },
    plain(element['text']),
  );
}

function select(element: Fields, standing: Standing & { placeholder: string }): ReactElement {
  const initial = stringOf(fieldsOf(element['initial_option'])['value']);
  const placeholder = plain(element['placeholder']) || standing.placeholder;
  const overflow = element['type'] === 'overflow';
  const groups = listOf(element['option_groups']);
  return h(
    'select',
    {
      'aria-label': overflow ? 'More actions' : placeholder,
      className: overflow ? 'overflow' : undefined,
      defaultValue: initial,
      ...pressed(element, standing),
    },
    // Without a value of its own it stays choosable for the browser only as the answer "nothing yet".
    initial ? null : h('option', { value: '', disabled: true, hidden: true }, placeholder),
    options(element['options']),
    groups.map((group, at) => h('optgroup', { key: at, label: plain(group['label']) }, options(group['options']))),
  );
}

function options(value: unknown): ReactElement[] {
  return listOf(value).map((option, at) =>
    h('option', { key: at, value: stringOf(option['value']) }, plain(option['text'])),
  );
}
