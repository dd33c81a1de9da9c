// Where health is served: from the environment, from the file, or not at all.

import { expect, test } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { ConfigError } from '../../src/errors.ts';

function read(env: Readonly<Record<string, string>>, file: string | null = null) {
  const path = file === null ? {} : { ATLAS_CONNS_CONFIG: 'settings.yaml' };
  return readConfig({ env: { ...env, ...path }, needs: [], readFile: async () => file ?? '' });
}

test('off without a port, on this machine’s own address with one', async () => {
  expect((await read({})).health).toBeNull();
  expect((await read({ HEALTH_PORT: '8080' })).health).toEqual({ host: '127.0.0.1', port: 8080 });
  expect((await read({ HEALTH_PORT: '8080', HEALTH_HOST: '::' })).health).toEqual({ host: '::', port: 8080 });
});

test('an address without a port is a notice', async () => {
  const { health, notices } = await read({ HEALTH_HOST: '0.0.0.0' });
  expect(health).toBeNull();
  expect(notices).toContainEqual(expect.stringMatching(/HEALTH_HOST.*HEALTH_PORT/));
});

test('the file wins over the environment, with a number or a variable for the port', async () => {
  const env = { HEALTH_PORT: '8080' };
  expect((await read(env, 'health: { host: 0.0.0.0, port: 9090 }')).health).toEqual({ host: '0.0.0.0', port: 9090 });
  expect((await read(env, `health: { port: "\${HEALTH_PORT}" }`)).health).toEqual({ host: '127.0.0.1', port: 8080 });
  expect((await read(env, 'health: { host: localhost }')).health).toEqual({ host: 'localhost', port: 8080 });
});

test.each([
  [{ HEALTH_PORT: '0' }, null, /^HEALTH_PORT is "0"\. Expected a port number/],
  [{ HEALTH_PORT: '80800' }, null, /HEALTH_PORT/],
  [{ HEALTH_HOST: '127.0.0.1:8080' }, null, /HEALTH_HOST.*without a port/],
  [{}, 'health: { port: 70000 }', /health\.port.*Expected a port number/],
  [{}, 'health: { port: 80.5 }', /health\.port.*Expected a port number/],
  [{}, 'health: { host: "a b" }', /health\.host.*Expected an address/],
  [{}, 'health: { prot: 1 }', /prot.*Did you mean port/s],
])('%j %s is refused, and says what was expected', async (env, file, words) => {
  const failure = read(env, file);
  await expect(failure).rejects.toThrow(ConfigError);
  await expect(failure).rejects.toThrow(words);
});
