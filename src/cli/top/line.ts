// One line of the screen: outside text made printable, cut to its width, styled.

import stringWidth from 'string-width';
import { type Paint, padded, painter, printable } from '../layout.ts';

type Style = Parameters<Paint>[0];

/** Printable text, cut at its end to `width` columns. */
export function cut(text: string, width: number): string {
  // Escapes of hostile text are longer than the text; what is beyond a line is not shown.
  const shown = printable(text.slice(0, Math.max(0, width) * 4));
  if (shown.length === text.length && stringWidth(shown) <= width) return shown;
  let room = width - 1;
  let kept = '';
  for (const { segment } of segmenter.segment(shown)) {
    const wide = stringWidth(segment);
    if (wide > room) break;
    room -= wide;
    kept += segment;
  }
  if (kept === shown || width < 1) return width < 1 ? '' : kept;
  return stringWidth(shown) <= width ? shown : `${kept}…`;
}

const segmenter = new Intl.Segmenter('en');

/** Styles a line after its width is known. */
export function paintOf(colors: boolean): (style: Style | null, text: string) => string {
  const paint = painter(colors);
  return (style, text) => (style === null || text === '' ? text : paint(style, text));
}

/** Both parts in one line, the second at its end; a narrow line has the first alone. */
export function spread(left: string, right: string, width: number): string {
  const shown = cut(left, width);
  const rest = width - stringWidth(shown) - stringWidth(right);
  return rest < 2 ? shown : `${padded(shown, width - stringWidth(right), 'left')}${right}`;
}
