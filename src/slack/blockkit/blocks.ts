// Constructors of blocks. For any input, the result is within Slack's limits and Slack parses nothing in it.

import type {
  ActionsBlock,
  Button,
  ConfirmationDialog,
  ContextBlock,
  ContextBlockElement,
  HeaderBlock,
  KnownBlock,
  Overflow,
  PlainTextElement,
  PlainTextOption,
  RichTextBlock,
  RichTextElement,
  StaticSelect,
} from '@slack/types';
import { count, counted } from '../../core/base/format.ts';
import { ACTIONS, type ActionId } from './action-values.ts';
import { LIMITS } from './limits.ts';
import { mrkdwn, type Phrase, plain, richText } from './rich-text.ts';
import type { MessageView, TablePage, ViewBlock } from './types.ts';

/** With `emoji: false` Slack leaves :codes: as they are. */
function plainText(words: string, max: number): PlainTextElement {
  return { type: 'plain_text', text: plain(words, { max }), emoji: false };
}

/** For the parts of a modal. */
export function plainWords(words: string): PlainTextElement {
  return plainText(words, LIMITS.placeholder);
}

export function option(words: string, value: string): PlainTextOption {
  return { text: plainText(words, LIMITS.optionText), value };
}

export function header(words: string): HeaderBlock {
  return { type: 'header', text: plainText(words, LIMITS.header) };
}

/** Lines of text, one below the other, as many as fit. */
export function prose(lines: readonly Phrase[]): RichTextBlock {
  const elements = fitting(lines).flatMap((line, at): readonly RichTextElement[] =>
    at === 0 ? line : [{ type: 'text', text: '\n' }, ...line],
  );
  return { type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [...elements] }] };
}

/** Lines with a bullet each, as many as fit. */
export function bullets(lines: readonly Phrase[]): RichTextBlock {
  const elements = fitting(lines).map((line) => ({ type: 'rich_text_section' as const, elements: [...line] }));
  return { type: 'rich_text', elements: [{ type: 'rich_text_list', style: 'bullet', elements }] };
}

/** The first lines, and the number of lines left out. */
function fitting(lines: readonly Phrase[]): readonly (readonly RichTextElement[])[] {
  let room: number = LIMITS.prose;
  // A line without text would be an element without a part. Slack refuses that.
  const worded = lines.map(richText).filter((line) => line.length > 0);
  const made = worded.length === 0 ? [richText(['-'])] : worded;
  const end = made.findIndex((line) => {
    room -= drawn(line);
    return room < 0;
  });
  if (end === -1) return made;
  return [
    ...made.slice(0, end),
    richText([`and ${counted(lines.length - end, 'more line')} for which there is no room.`]),
  ];
}

/** Monospaced, so columns align. Slack parses nothing in it. The caller has cleaned the lines. */
export function preformatted(lines: readonly string[]): RichTextBlock {
  // One element a line: the text of one element is limited.
  const elements = lines.map((line, at) => ({
    type: 'text' as const,
    text: at === lines.length - 1 ? line : `${line}\n`,
  }));
  return { type: 'rich_text', elements: [{ type: 'rich_text_preformatted', elements }] };
}

/** Small grey lines. They are mrkdwn if they contain a time or a person, because nothing else can show those here. */
export function context(lines: readonly Phrase[]): ContextBlock {
  let room: number = LIMITS.notes;
  const elements = lines.slice(0, LIMITS.contextElements).flatMap((line): readonly ContextBlockElement[] => {
    if (room < SHORTEST_NOTE) return [];
    const words = line.flatMap((part) => (typeof part === 'string' ? [part] : []));
    const element: ContextBlockElement =
      words.length === line.length
        ? plainText(words.join(''), room)
        : { type: 'mrkdwn', text: whole(line, room), verbatim: true };
    room -= element.text.length;
    return [element];
  });
  return { type: 'context', elements };
}

/** A shorter rest of a line says nothing. */
const SHORTEST_NOTE = 20;

/** As mrkdwn, without the parts that are too many. A cut would go through the middle of an escape. */
function whole(phrase: Phrase, max: number): string {
  const words = mrkdwn(phrase);
  return words.length <= max || phrase.length < 2 ? words : whole(phrase.slice(0, -1), max);
}

export function actions(elements: readonly (Button | StaticSelect | Overflow | null)[]): ActionsBlock {
  return {
    type: 'actions',
    elements: elements.filter((element) => element !== null).slice(0, LIMITS.actions),
  };
}

export function button(input: {
  readonly action: ActionId;
  readonly word: string;
  readonly value: string;
  /** The text for screen readers, if the word alone is unclear. */
  readonly label?: string;
  /** Marks the button of the view that is already shown. */
  readonly isChosen?: boolean;
  /** Marks a button that does much at once. */
  readonly isGrave?: boolean;
  /** Slack asks this before it sends the press. */
  readonly confirm?: { readonly question: string; readonly words: string; readonly yes: string };
}): Button {
  const { action, word, value, label, isChosen = false, isGrave = false, confirm } = input;
  return {
    type: 'button',
    action_id: action,
    text: plainText(word, LIMITS.buttonWord),
    value,
    ...(isChosen ? { style: 'primary' as const } : {}),
    ...(isGrave ? { style: 'danger' as const } : {}),
    ...(confirm === undefined ? {} : { confirm: dialog(confirm) }),
    ...(label === undefined ? {} : { accessibility_label: plain(label, { max: LIMITS.accessibilityLabel }) }),
  };
}

function dialog({ question, words, yes }: { question: string; words: string; yes: string }): ConfirmationDialog {
  return {
    title: plainText(question, LIMITS.confirmTitle),
    text: plainText(words, LIMITS.confirmText),
    confirm: plainText(yes, LIMITS.confirmWord),
    deny: plainText('Cancel', LIMITS.confirmWord),
  };
}

export interface Choice {
  readonly words: string;
  /** At most 75 characters: see action-values.ts. */
  readonly value: string;
}

/** The first hundred choices; null for none, because Slack refuses an empty menu. */
export function select(input: {
  readonly action: ActionId;
  readonly placeholder: string;
  readonly choices: readonly Choice[];
}): StaticSelect | null {
  if (input.choices.length === 0) return null;
  const options = input.choices.slice(0, LIMITS.options).map(({ words, value }) => option(words, value));
  return {
    type: 'static_select',
    action_id: input.action,
    placeholder: plainText(input.placeholder, LIMITS.placeholder),
    options,
  };
}

/** The menu behind ⋯. Two to five choices: Slack refuses one alone. */
export function overflow(input: { readonly action: ActionId; readonly choices: readonly Choice[] }): Overflow {
  const options = input.choices.map(({ words, value }) => option(words, value));
  return { type: 'overflow', action_id: input.action, options };
}

/** The number of characters that are drawn. Menus open later and do not count. */
export function drawn(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((all: number, one) => all + drawn(one), 0);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.entries(value).reduce((all, [name, inner]) => {
    if (name === 'options' || name === 'placeholder') return all;
    if (typeof inner === 'string')
      return name === 'text' || name === 'caption' || name === 'fallback' ? all + inner.length : all;
    return all + drawn(inner);
  }, 0);
}

/** The drawn characters of the buttons that turn pages. */
const PAGE_BUTTONS = 60;

/** A message with a table that takes the remaining room. `said` becomes its `text`: all lines in one. */
export function message(input: {
  readonly said: readonly Phrase[];
  readonly above: readonly (ViewBlock | null)[];
  /** A page has buttons below it if `turnTo` is given and there are other pages. */
  readonly table?: (room: number) => KnownBlock | TablePage | null;
  /** The value of a button that shows the page with this first row. */
  readonly turnTo?: (from: number) => string;
  readonly below: readonly (ViewBlock | null)[];
}): MessageView {
  const isThere = (block: ViewBlock | null): block is ViewBlock => block !== null;
  const above = input.above.filter(isThere);
  const below = input.below.filter(isThere);
  const { turnTo } = input;
  const buttons = turnTo === undefined ? 0 : PAGE_BUTTONS;
  const table = input.table?.(LIMITS.drawn - drawn(above) - drawn(below) - buttons) ?? null;
  const page = table !== null && 'block' in table ? table : null;
  const turn = page === null || turnTo === undefined ? null : pageButtons(page, turnTo);
  const blocks = [...above, table !== null && 'block' in table ? table.block : table, turn, ...below].filter(isThere);
  // An empty name may be the only text, and Slack refuses a message without a text.
  return { text: messageText(input.said) || '–', blocks: blocks.slice(0, LIMITS.messageBlocks) };
}

/** Null for the only page. */
function pageButtons({ end, of, earlier: back }: TablePage, turnTo: (from: number) => string): ActionsBlock | null {
  const earlier =
    back === null ? null : button({ action: ACTIONS.earlierRows, word: 'Rows before', value: turnTo(back) });
  const later =
    end >= of
      ? null
      : button({ action: ACTIONS.laterRows, word: `Next rows (${count(of - end)} more)`, value: turnTo(end) });
  return earlier === null && later === null ? null : actions([earlier, later]);
}

/** As many whole lines as fit, with room for the … of a cut. */
function messageText(lines: readonly Phrase[]): string {
  const room = LIMITS.messageText - 8;
  let said = '';
  for (const line of lines) {
    const words = whole(line, room - 1);
    if (said.length + words.length + 1 > room) return `${said} …`;
    said = said === '' ? words : `${said}\n${words}`;
  }
  return said;
}
