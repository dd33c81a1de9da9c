// The connection strings that were tried on the product, as people have them: lines of a shell script that sets `U`, the
// user with a percent-encoded password, and runs the product with each.

import { readFileSync } from 'node:fs';

export interface Tried {
  readonly name: string;
  readonly uri: string;
}

const file = new URL('../../fixtures/found/uris/connection-strings-tried.txt', import.meta.url);
const encoded = `${encodeURIComponent('p@ss:w/rd%user')}:${encodeURIComponent('a@b:c/d?e#f%20 g+h&i=j')}`;

/** Pieces of every password in the strings. */
export const PASSWORD_PIECES = ['word1', 'a%40b', 'a@b', '4iw62', 'heiI', 'wörd', 'f%25', 'd?e#', 'd%3Fe'];

export function triedStrings(): readonly Tried[] {
  let user = '';
  const found: Tried[] = [];
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const given = /^U=(?:'(.*)'|\$\(node)/.exec(line);
    if (given !== null) user = given[1] ?? encoded;
    const run = /^run (\S+) "(.*)$/.exec(line);
    if (run === null) continue;
    const [, name = '', rest = ''] = run;
    // A line without its closing quote goes on with the end of the line.
    const text = rest.endsWith('"') ? rest.slice(0, -1) : `${rest}\n`;
    found.push({ name, uri: text.replaceAll('\\"', '"').replaceAll('$U', user) });
  }
  return found;
}
