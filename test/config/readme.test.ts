// The table of settings: the document's is printed from the one that validation and redaction go by.

import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { SECRET_KEYS, settingsTable, VARIABLES } from '../../src/config/variables.ts';

test('src/config/README.md has the table of the settings', async () => {
  const readme = await readFile(new URL('../../src/config/README.md', import.meta.url), 'utf8');
  const table = /<!-- settings -->\n+([\s\S]*?)\n+<!-- \/settings -->/.exec(readme)?.[1];
  expect(table).toBe(settingsTable());
});

test('every variable has a row, secrets say so', () => {
  const rows = settingsTable().split('\n');
  for (const [name, setting] of Object.entries(VARIABLES)) {
    const row = rows.find((line) => line.startsWith(`| \`${name}\` |`));
    expect(row?.includes('(secret)')).toBe('secret' in setting);
  }
});

test('what has a secret’s name is secret', () => {
  for (const [name, setting] of Object.entries(VARIABLES))
    expect('secret' in setting).toBe(/SECRET|PASSWORD|PRIVATE|TOKEN|URI/.test(name));
  expect(SECRET_KEYS).toEqual(['clientSecret', 'privateKey', 'password', 'uri', 'uri', 'token']);
});
