// A connection string that needs a word, at the terminal: it is read all the same, and what was left out is said.

import { afterAll, expect, test } from 'vitest';
import { as, PASSWORD, standInNode } from '../cluster/stand-in.ts';
import { openTerminal } from './terminal.ts';

const terminal = await openTerminal({});
afterAll(() => terminal.close());

test('check names what was left out of the connection string, and the log says it in one line', async () => {
  const node = await standInNode();
  const options = 'directConnection=true&compressors=snappy,zlib&keepAlive=true&timeoutMS=1&maxPoolSize=0';
  const uri = `${as('watcher', `mongodb://${node.host}/`)}?${options}`;
  const { code, out, err } = await terminal.type(['check'], { MONGODB_URI: uri });
  expect(code, out + err).toBe(0);
  expect(out).toContain('MONGODB_URI: Options that the MongoDB driver does not know are left out: keepAlive.');
  expect(out).toContain('MONGODB_URI: The compression snappy is not installed and is left out.');
  expect(err.split('\n').filter((line) => line.includes('connection string was adjusted'))).toHaveLength(1);
  expect(out + err).not.toContain(PASSWORD);
  const report = await terminal.type(['report', '--json'], { MONGODB_URI: uri });
  expect(report.code).toBe(0);
  expect(JSON.parse(report.out)).toMatchObject({ nodes: [{ host: node.host }] });
});

test('a string that cannot be used ends every command with its setting and without its password', async () => {
  for (const command of ['check', 'report', 'watch']) {
    const { code, out, err } = await terminal.type([command], { MONGODB_URI: 'mongodb://u:hunter@22word@h/' });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(
      /^MONGODB_URI is not a usable connection string\. The (?:user or the )?password has a character/,
    );
    expect(err).not.toMatch(/hunter|22word/);
  }
});
