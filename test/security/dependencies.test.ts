// What the image is made of besides our own code: held against the lock file.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Locked {
  readonly version?: string;
  readonly dev?: true;
  readonly hasInstallScript?: true;
  readonly integrity?: string;
  readonly license?: string;
}

const lock: { readonly packages: Readonly<Record<string, Locked>> } = JSON.parse(
  readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8'),
);
const production = Object.entries(lock.packages).filter(([path, { dev }]) => path !== '' && dev !== true);

test('no production dependency runs a script when it is installed', () => {
  expect(production.length).toBeGreaterThan(50);
  expect(production.filter(([, { hasInstallScript }]) => hasInstallScript === true).map(([path]) => path)).toEqual([]);
});

test('every production dependency is locked to one content', () => {
  expect(production.filter(([, { integrity = '' }]) => !integrity.startsWith('sha512-')).map(([path]) => path)).toEqual(
    [],
  );
});

test('a new production dependency fails this test', () => {
  expect(production.length).toBeLessThanOrEqual(170);
});
