// One block of a message or of Home as a React element. What the page cannot draw it names: nothing is dropped silently.

import { createElement as h, type ReactElement, type ReactNode } from 'react';
import { chart } from './chart.ts';
import { dataTable, plainTable } from './data-table.ts';
import { interactive, plain } from './element.ts';
import { type Fields, fieldsOf, listOf, stringOf } from './field.ts';
import { libraryHtml } from './library.ts';
import { mrkdwn } from './mrkdwn.ts';
import type { Names } from './names.ts';

type Draw = (block: Fields, names: Names) => ReactElement;

const DRAWN: Readonly<Record<string, Draw>> = {
  header: (block) => h('h3', null, plain(block['text'])),
  divider: () => h('hr'),
  section,
  context: (block, names) =>
    h(
      'div',
      { className: 'context' },
      each(block, (part) => contextPart(part, names)),
    ),
  actions: (block) => {
    const standing = { blockId: stringOf(block['block_id']) };
    return h(
      'div',
      { className: 'actions' },
      each(block, (element) => interactive(element, standing)),
    );
  },
  alert: (block, names) => {
    const level = stringOf(block['level']) || 'default';
    return h('div', { className: `alert ${level}`, role: 'note' }, textObject(block['text'], names));
  },
  image: (block) => image(block),
  data_table: dataTable,
  table: plainTable,
  data_visualization: (block) => chart(block),
  rich_text: byLibrary,
  markdown: byLibrary,
};

export function blockElements(blocks: readonly Fields[], names: Names): ReactElement[] {
  return blocks.map((block, at) => {
    const type = stringOf(block['type']);
    const draw = Object.hasOwn(DRAWN, type) ? DRAWN[type] : undefined;
    return h('div', { key: at, className: 'block' }, draw ? draw(block, names) : unknownBlock(type));
  });
}

function unknownBlock(type: string): ReactElement {
  return h('p', { className: 'unknown' }, `block type ${type || 'missing'}`);
}

function each(block: Fields, draw: (element: Fields) => ReactElement): ReactElement[] {
  return listOf(block['elements']).map((element, at) => h('div', { key: at }, draw(element)));
}

function textObject(value: unknown, names: Names): ReactNode {
  const text = fieldsOf(value);
  if (text['type'] === 'mrkdwn') return mrkdwn(stringOf(text['text']), names);
  return h('div', { className: 'text' }, plain(value));
}

function section(block: Fields, names: Names): ReactElement {
  const fields = listOf(block['fields']);
  const accessory = fieldsOf(block['accessory']);
  const standing = { blockId: stringOf(block['block_id']) };
  return h(
    'div',
    { className: 'section' },
    h(
      'div',
      { className: 'words' },
      block['text'] === undefined ? null : textObject(block['text'], names),
      fields.length === 0
        ? null
        : h(
            'div',
            { className: 'fields' },
            fields.map((field, at) => h('div', { key: at }, textObject(field, names))),
          ),
    ),
    block['accessory'] === undefined
      ? null
      : accessory['type'] === 'image'
        ? image(accessory)
        : interactive(accessory, standing),
  );
}

function contextPart(part: Fields, names: Names): ReactElement {
  return part['type'] === 'image' ? image(part) : h('div', null, textObject(part, names));
}

/** Nothing is loaded from elsewhere: an image is its description, and a link to it. */
function image(block: Fields): ReactElement {
  const url = stringOf(block['image_url']);
  const words = `image: ${stringOf(block['alt_text'])}`;
  if (!/^https?:\/\//.test(url)) return h('span', { className: 'unknown' }, words);
  return h('a', { href: url, target: '_blank', rel: 'noreferrer' }, words);
}

function byLibrary(block: Fields, names: Names): ReactElement {
  const html = libraryHtml(block, names);
  if (html === null) return unknownBlock(stringOf(block['type']));
  return h('div', { className: 'rich', dangerouslySetInnerHTML: { __html: html } });
}
