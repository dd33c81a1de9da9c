// Connection strings in the settings: each that was tried either passes or is named with its setting, wherever it stands.

import { expect, test } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { ConfigError } from '../../src/errors.ts';
import { PASSWORD_PIECES, triedStrings } from '../core/lint/tried-strings.ts';

const REFUSED: readonly string[] = [
  'placeholder',
  'unescaped-at',
  'unescaped-hash',
  'bad-percent',
  'ipv6-no-brackets',
  'no-scheme',
  'two-uris',
  'srv-with-port',
  'srv-two',
];

const NAME = { name: 'prod' };
const yaml = (uri: string) =>
  JSON.stringify({ projects: [{ clusters: ['x'] }, { clusters: ['y', { ...NAME, uri }] }] });
/** Each place a string can stand in, with how its setting is called. */
const PLACES = [
  ['MONGODB_URI', (uri: string) => ({ env: { MONGODB_URI: uri }, file: null })],
  ['ANALYSIS_URI', (uri: string) => ({ env: { MONGODB_URI: 'mongodb://h', ANALYSIS_URI: uri }, file: null })],
  ['projects[1].clusters[1].uri in conns.yml', (uri: string) => ({ env: {}, file: yaml(uri) })],
  ['store.uri in conns.yml', (uri: string) => ({ env: {}, file: JSON.stringify({ store: { uri } }) })],
] as const;

/** What is said of the one setting; empty where it is fine. */
async function said(place: (typeof PLACES)[number], uri: string): Promise<readonly string[]> {
  const { env, file } = place[1](uri);
  const readFile = async () => file ?? '';
  const config = readConfig({ env: { ...env, ...(file && { ATLAS_CONNS_CONFIG: 'conns.yml' }) }, readFile, needs: [] });
  const error = await config.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error === null) return [];
  if (!(error instanceof ConfigError)) throw error;
  for (const piece of PASSWORD_PIECES) expect(error.message).not.toContain(piece);
  return error.problems.map(({ text }) => text);
}

test.each(triedStrings())('$name in each setting', async ({ name, uri }) => {
  for (const place of PLACES) {
    const expected = REFUSED.includes(name) ? [`${place[0]} is not a usable connection string.`] : [];
    expect(await said(place, uri)).toEqual(expected);
  }
});

test('a setting that has several faults names each of them', async () => {
  const uri = 'mongodb://u:p@a,b:x/?directConnection=true&tls=perhaps';
  for (const place of PLACES) expect((await said(place, uri)).join()).toContain('is not a usable connection string.');
  const config = readConfig({ env: { MONGODB_URI: uri }, readFile: async () => '', needs: ['clusters'] });
  await expect(config).rejects.toThrow(
    /A port is not a number.*The option tls is neither.*directConnection=true is for one/,
  );
});

test('each cluster knows the setting of its connection string', async () => {
  const readFile = async () => yaml('mongodb://h').replace('"x"', '{"name":"first","uri":"mongodb://f"}');
  const env = { ATLAS_CONNS_CONFIG: 'conns.yml', MONGODB_ATLAS_PROJECT_ID: 'a'.repeat(24) };
  const error = await readConfig({ env, readFile, needs: ['clusters'] }).catch((reason: unknown) => reason);
  // The cluster y would have to be found; that is another matter.
  expect(error).toBeInstanceOf(ConfigError);
  const own = async () => readFile().then((text) => text.replace('"y",', ''));
  const { projects } = await readConfig({ env, readFile: own, needs: ['clusters'] });
  expect(projects.flatMap(({ ownClusters }) => ownClusters.map(({ setting }) => setting))).toEqual([
    'projects[0].clusters[0].uri',
    'projects[1].clusters[0].uri',
  ]);
});
