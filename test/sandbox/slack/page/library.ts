// Asks slack-blocks-to-jsx to draw a block, and notices when it throws or draws nothing.

import { createElement as h } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { type Block, Message } from 'slack-blocks-to-jsx';
import type { Fields } from './field.ts';

export interface LibraryNames {
  readonly users: readonly { readonly id: string; readonly name: string }[];
  readonly channels: readonly { readonly id: string; readonly name: string }[];
}

/** HTML, escaped by React; null where the library has nothing to show for it. */
export function libraryHtml(block: Fields, names: LibraryNames = { users: [], channels: [] }): string | null {
  const message = h(Message, {
    // The library's own type of blocks is narrower than what bots send.
    blocks: [block as Block],
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

export function libraryText(block: Fields): string | null {
  const html = libraryHtml(block);
  return html === null ? null : textOf(html);
}

function textOf(html: string): string {
  return html.replace(/<[^>]*>/g, '');
}
