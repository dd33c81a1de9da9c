// What Slack refuses: the documented limits of messages, App Home and modals; where documents disagree, the smaller.

import { blockOf, type Surface } from './block.ts';
import { plain } from './composition.ts';
import {
  anything,
  type Check,
  every,
  type Fields,
  flag,
  isFields,
  list,
  oneOf,
  shape,
  text,
  unique,
  type Violation,
  violation,
} from './shape.ts';
import { TABLE_CHARACTERS, tableCharacters } from './table.ts';

export type { Violation } from './shape.ts';

/** Characters of a message's `text`; longer ones are cut by some methods and refused by others. */
const MESSAGE_TEXT = 4000;
/** Seen, not documented: the characters of all blocks as drawn. */
const RENDERED_TEXT = 13_200;
const MARKDOWN_TEXT = 12_000;
const VIEW_BYTES = 250_000;
const MAX_BLOCKS: Readonly<Record<Surface, number>> = { message: 50, home: 100, modal: 100 };
const TABLES = ['table', 'data_table'];

const blockIdOf = (block: unknown) => (isFields(block) ? block['block_id'] : undefined);

function blocksOf(surface: Surface): Check {
  return every(
    list(blockOf(surface), { min: 0, max: MAX_BLOCKS[surface] }),
    unique(blockIdOf, '`block_id` already exists'),
    together,
  );
}

function ofType(blocks: readonly unknown[], types: readonly string[]): readonly Fields[] {
  return blocks.filter((block): block is Fields => isFields(block) && types.includes(String(block['type'])));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

/** Limits that hold over all blocks together. */
const together: Check = (value, pointer) => {
  const blocks: readonly unknown[] = Array.isArray(value) ? value : [];
  const tables = ofType(blocks, TABLES);
  const found: Violation[] = [];
  if (tables.length > 1) found.push(violation(pointer, 'only_one_table_allowed', 'invalid_attachments'));
  if (sum(tables.map(tableCharacters)) > TABLE_CHARACTERS && tables.length > 1) {
    found.push(violation(pointer, `no more than ${TABLE_CHARACTERS} characters in all tables allowed`));
  }
  if (ofType(blocks, ['data_visualization']).length > 2) {
    found.push(violation(pointer, 'no more than 2 data_visualization blocks allowed'));
  }
  if (sum(ofType(blocks, ['markdown']).map((block) => String(block['text']).length)) > MARKDOWN_TEXT) {
    found.push(violation(pointer, `no more than ${MARKDOWN_TEXT} characters of markdown allowed`));
  }
  if (renderedCharacters(blocks) > RENDERED_TEXT) {
    found.push(violation(pointer, `no more than ${RENDERED_TEXT} rendered characters`, 'msg_blocks_too_long'));
  }
  return found;
};

/** What is drawn at once: menus and dialogues open later and do not count. */
const CLOSED = ['options', 'option_groups', 'initial_option', 'confirm', 'placeholder'];
const DRAWN = ['text', 'title', 'subtitle', 'caption', 'label', 'name'];

/** Characters that a reader sees of these blocks. */
function renderedCharacters(value: unknown): number {
  if (Array.isArray(value)) return sum(value.map(renderedCharacters));
  if (!isFields(value)) return 0;
  if (value['type'] === 'raw_number') return String(value['text'] ?? value['value']).length;
  return sum(
    Object.entries(value).map(([name, inner]) => {
      if (CLOSED.includes(name)) return 0;
      if (typeof inner === 'string') return DRAWN.includes(name) ? inner.length : 0;
      return renderedCharacters(inner);
    }),
  );
}

/** Of chat.postMessage and its like: `{ text?, blocks? }`. Empty when Slack would take it. */
export function checkMessage(message: unknown): readonly Violation[] {
  if (!isFields(message)) return [violation('', 'must provide an object', 'invalid_arguments')];
  const { text: words, blocks } = message;
  const found: Violation[] = [];
  const hasBlocks = Array.isArray(blocks) && blocks.length > 0;
  if (words !== undefined && typeof words !== 'string') {
    found.push(violation('/text', 'must provide a string', 'invalid_arguments'));
  } else if ((words === undefined || words.trim() === '') && !hasBlocks) {
    found.push(violation('/text', 'no text and no blocks', 'no_text'));
  } else if (words !== undefined && words.length > MESSAGE_TEXT) {
    found.push(violation('/text', `must be less than ${MESSAGE_TEXT + 1} characters`, 'msg_too_long'));
  }
  if (blocks !== undefined) found.push(...blocksOf('message')(blocks, '/blocks'));
  return found;
}

const viewFields = {
  'callback_id?': text({ min: 0, max: 255 }),
  'private_metadata?': text({ min: 0, max: 3000 }),
  'external_id?': text({ max: 255 }),
};

const home = shape({ type: oneOf('home'), blocks: blocksOf('home'), ...viewFields });
const modal = shape({
  type: oneOf('modal'),
  blocks: blocksOf('modal'),
  title: plain({ max: 24 }),
  'submit?': plain({ max: 24 }),
  'close?': plain({ max: 24 }),
  'clear_on_close?': flag,
  'notify_on_close?': flag,
  'submit_disabled?': flag,
  'team_id?': anything,
  ...viewFields,
});

const notTooLarge: Check = (view, pointer) =>
  Buffer.byteLength(JSON.stringify(view) ?? '') > VIEW_BYTES
    ? [violation(pointer, `no more than ${VIEW_BYTES} bytes allowed`, 'view_too_large')]
    : [];

const inputsCanBeSent: Check = (view, pointer) => {
  if (!isFields(view) || !Array.isArray(view['blocks'])) return [];
  return ofType(view['blocks'], ['input']).length > 0 && view['submit'] === undefined
    ? [violation(pointer, 'missing required field: submit')]
    : [];
};

/** A view of views.publish. */
export function checkHome(view: unknown): readonly Violation[] {
  return every(home, notTooLarge)(view, '/view');
}

/** A view of views.open, push and update. */
export function checkModal(view: unknown): readonly Violation[] {
  return every(modal, inputsCanBeSent, notTooLarge)(view, '/view');
}
