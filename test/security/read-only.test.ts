// What the bot says to a node of a watched cluster, command by command.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTerminal, type Terminal } from '../e2e/terminal.ts';
import { type StandInProject, startProject } from '../sandbox/project.ts';

let project: StandInProject;
let terminal: Terminal;

beforeAll(async () => {
  project = await startProject();
  terminal = await openTerminal(project.env);
});
afterAll(async () => {
  await terminal?.close();
  await project?.close();
});

/** The handshake, the login, and the driver's own goodbye. */
const PROTOCOL = [
  'hello',
  'isMaster',
  'ismaster',
  'saslStart',
  'saslContinue',
  'endSessions',
  'killCursors',
  'getMore',
];

test('a node is asked who is connected and how full it is, and nothing is ever written', async () => {
  const { nodes } = project.scenario.cluster('prod').set;
  const before = nodes.map((node) => node.received().length);
  expect((await terminal.type(['report', 'prod'])).code).toBe(0);
  for (const [index, node] of nodes.entries()) {
    const told = node.received().filter((one, at) => at >= (before[index] ?? 0) && one.appName === 'atlas-conns');
    const asked = told.filter(({ name }) => !PROTOCOL.includes(name));
    expect(new Set(asked.map(({ name }) => name))).toEqual(new Set(['aggregate', 'serverStatus']));
    for (const { name, command } of asked) {
      expect(command['$db']).toBe('admin');
      if (name === 'aggregate') {
        const stages = command['pipeline'].map((stage: object) => Object.keys(stage)[0]);
        expect(stages[0]).toBe('$currentOp');
        expect(stages).not.toContain('$out');
        expect(stages).not.toContain('$merge');
      }
    }
  }
});
