// Rich text: nested lists, quotes and their leaves.

import { id, link } from './composition.ts';
import { byType, type Check, flag, list, number, oneOf, shape, text } from './shape.ts';

const style = shape({
  'bold?': flag,
  'italic?': flag,
  'strike?': flag,
  'underline?': flag,
  'code?': flag,
  'highlight?': flag,
  'client_highlight?': flag,
  'unlink?': flag,
});

function leaf(type: string, fields: Readonly<Record<string, Check>>): Check {
  return shape({ type: oneOf(type), 'style?': style, ...fields });
}

const leaves = byType({
  text: leaf('text', { text: text() }),
  link: leaf('link', { url: link, 'text?': text(), 'unsafe?': flag }),
  emoji: leaf('emoji', { name: text(), 'unicode?': text(), 'url?': link }),
  user: leaf('user', { user_id: text() }),
  usergroup: leaf('usergroup', { usergroup_id: text() }),
  channel: leaf('channel', { channel_id: text() }),
  team: leaf('team', { team_id: text() }),
  broadcast: leaf('broadcast', { range: oneOf('here', 'channel', 'everyone') }),
  date: leaf('date', { timestamp: number(), format: text(), 'url?': link, 'fallback?': text() }),
  color: leaf('color', { value: text() }),
});

const border = { 'border?': number({ min: 0, max: 1 }) };
const section = shape({ type: oneOf('rich_text_section'), elements: list(leaves) });

/** Also a cell of a table. */
export const richText = shape({
  type: oneOf('rich_text'),
  'block_id?': id,
  elements: list(
    byType({
      rich_text_section: section,
      rich_text_list: shape({
        type: oneOf('rich_text_list'),
        style: oneOf('bullet', 'ordered'),
        elements: list(section),
        'indent?': number({ min: 0, max: 8 }),
        'offset?': number({ min: 0 }),
        ...border,
      }),
      rich_text_quote: shape({ type: oneOf('rich_text_quote'), elements: list(leaves), ...border }),
      rich_text_preformatted: shape({
        type: oneOf('rich_text_preformatted'),
        elements: list(leaves),
        'language?': text(),
        ...border,
      }),
    }),
  ),
});
