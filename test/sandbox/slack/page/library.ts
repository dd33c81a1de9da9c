// Asks slack-blocks-to-jsx to draw a block, and notices when it throws or draws nothing.

import { createElement as h } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { type Block, Message } from 'slack-blocks-to-jsx';
import { dateWords } from './date-text.ts';
import { type Fields, fieldsOf, numberOf, stringOf } from './field.ts';

export interface LibraryNames {
  readonly users: readonly { readonly id: string; readonly name: string }[];
  readonly channels: readonly { readonly id: string; readonly name: string }[];
  /** The moment that dates are said against. */
  readonly now: Date;
}

/** HTML, escaped by React; null where the library has nothing to show for it. */
export function libraryHtml(block: Fields, names: LibraryNames): string | null {
  const message = h(Message, {
    // The library's own type of blocks is narrower than what bots send.
    blocks: [dated(block, names.now) as unknown as Block],
    logo: '',
    name: '',
    withoutWrapper: true,
    data: { users: [...names.users], channels: [...names.channels], user_groups: [] },
  });
  try {
    // React writes a quote in text as an entity, so these are attributes; the page's policy allows no inline styles.
    const html = renderToStaticMarkup(message).replace(/ (?:id="slack_blocks_to_jsx"|style="[^"]*")/g, '');
    return textOf(html).trim() === '' ? null : html.replace(/<a (?!target=)/g, '<a target="_blank" rel="noreferrer" ');
  } catch {
    // It throws on fields that it does not expect; the caller then shows the block as unknown.
    return null;
  }
}

/** Of a block that names nobody and no date. */
export function libraryText(block: Fields): string | null {
  const html = libraryHtml(block, { users: [], channels: [], now: new Date(0) });
  return html === null ? null : textOf(html);
}

/** The library says dates against this machine's day: here they are words before it sees them. */
function dated(block: Fields, now: Date): Fields {
  const elements: unknown = block['elements'];
  if (Array.isArray(elements)) return { ...block, elements: elements.map((element) => dated(fieldsOf(element), now)) };
  if (block['type'] !== 'date') return block;
  const [format, fallback] = [stringOf(block['format']), stringOf(block['fallback'])];
  const text = dateWords({ seconds: numberOf(block['timestamp']) ?? Number.NaN, format, fallback, now });
  const link = stringOf(block['url']);
  return { ...(link === '' ? { type: 'text' } : { type: 'link', url: link }), text, style: block['style'] };
}

function textOf(html: string): string {
  return html.replace(/<[^>]*>/g, '');
}
