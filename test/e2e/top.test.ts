// `top` as a person uses it: the real command on a pseudo-terminal, in front of a stand-in project. Each way out leaves the
// terminal as it was.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { type StandInProject, startProject } from '../sandbox/project.ts';
import { findPython, openPseudoTerminal, type PseudoTerminal } from './pseudo-terminal.ts';

const MAIN = new URL('../../src/main.ts', import.meta.url).pathname;
const CTRL = { c: '\u0003', z: '\u001a' };
const ESC = '\u001b';

let project: StandInProject;
let directory: string;
let python: string | null;

beforeAll(async () => {
  python = await findPython();
  project = await startProject();
});
afterAll(() => project?.close());
beforeEach(async (context) => {
  if (python === null) context.skip('no python3 with pseudo-terminals on this machine');
  directory = await mkdtemp(join(tmpdir(), 'atlas-conns-top-'));
});

/** A shell on a terminal, ready for a command. */
async function openShell(): Promise<PseudoTerminal> {
  if (python === null) throw new Error('no python3');
  const env = {
    ...project.env,
    PATH: process.env['PATH'] ?? '',
    TERM: 'xterm-256color',
    NODE: process.execPath,
  };
  const argv = ['bash', '--norc', '--noprofile', '-i'];
  const terminal = openPseudoTerminal({ python, columns: 80, rows: 24, argv, cwd: directory, env });
  onTestFinished(async () => {
    terminal.close();
    await terminal.ended;
    await rm(directory, { recursive: true, force: true });
  });
  await says(terminal, /[$#] $/m);
  return terminal;
}

const says = (terminal: PseudoTerminal, what: RegExp) => expect.poll(() => `${terminal.screen()} `).toMatch(what);

const SCREEN = { isAlternate: true, hasCursor: false, wraps: false };
const SHELL = { isAlternate: false, hasCursor: true, wraps: true };

/** Notes the terminal's mode and the process id, and runs the command. */
async function startTop(terminal: PseudoTerminal, argv = 'prod', variables = ''): Promise<void> {
  terminal.type(`stty -g > before; ${variables} bash -c 'echo $$ > pid; exec "$NODE" ${MAIN} top ${argv}'\r`);
  await says(terminal, /^› Web EU/m);
  expect(terminal.modes()).toEqual(SCREEN);
}

/** The shell has its screen and its mode again. */
async function restored(terminal: PseudoTerminal, name: string): Promise<void> {
  await expect.poll(() => terminal.modes()).toEqual(SHELL);
  terminal.type(`stty -g > ${name}; echo mode no''ted ${name}\r`);
  await says(terminal, new RegExp(`mode noted ${name}`));
  const [before, now] = await Promise.all(['before', name].map((file) => readFile(join(directory, file), 'utf8')));
  expect(now).toBe(before);
}

async function exitCode(terminal: PseudoTerminal): Promise<void> {
  await expect.poll(() => terminal.modes()).toEqual(SHELL);
  terminal.type('echo code=$?\r');
}

const pid = async () => Number(await readFile(join(directory, 'pid'), 'utf8'));

test('views, filter, an opened row, a resize, Ctrl-Z and fg, and q', async () => {
  const terminal = await openShell();
  await startTop(terminal);
  expect(terminal.screen()).toMatch(/^prod {2}1,\d{3} connections, max 1,\d{3}, on 3 nodes/);
  terminal.type('h');
  await says(terminal, /^by host, sort: now ▼/m);
  terminal.type('s/bill');
  await says(terminal, /^› Billing API .*\n\n/m);
  await says(terminal, /^\/bill▏/m);
  terminal.type('\r\r');
  await says(terminal, /^Billing API\nnow \d+/m);
  await says(terminal, /^billing +\d+/m);
  terminal.type(ESC);
  await says(terminal, /^› Billing API .*\n\n/m);
  terminal.type(ESC);
  await says(terminal, /^ {2}Web EU|^› Web EU/m);
  terminal.type(`${ESC}[D${ESC}[C${ESC}[C`);
  await says(terminal, /sort: max ▼/);
  terminal.resize(130, 30);
  await says(terminal, /NEW\/S CHANGE .*ENTRY/);
  expect(terminal.screen().split('\n')).toHaveLength(30);
  terminal.type(CTRL.z);
  await says(terminal, /Stopped/);
  await restored(terminal, 'stopped');
  terminal.type('fg\r');
  await expect.poll(() => terminal.modes()).toEqual(SCREEN);
  await says(terminal, /sort: max ▼/);
  terminal.type('q');
  await exitCode(terminal);
  await says(terminal, /code=0/);
  await restored(terminal, 'after');
  expect(terminal.screen()).not.toContain('SOURCE');
});

test('Ctrl-C ends it with exit code 130', async () => {
  const terminal = await openShell();
  await startTop(terminal);
  terminal.type(CTRL.c);
  await exitCode(terminal);
  await says(terminal, /code=130/);
  await restored(terminal, 'after');
});

test('SIGTERM ends it with exit code 143', async () => {
  const terminal = await openShell();
  await startTop(terminal);
  process.kill(await pid(), 'SIGTERM');
  await exitCode(terminal);
  await says(terminal, /code=143/);
  await restored(terminal, 'after');
});

test('SIGTSTP and SIGSTOP from outside stop it, and it comes back', async () => {
  const terminal = await openShell();
  await startTop(terminal);
  process.kill(await pid(), 'SIGTSTP');
  await says(terminal, /Stopped/);
  await restored(terminal, 'stopped');
  terminal.type('fg\r');
  await expect.poll(() => terminal.modes()).toEqual(SCREEN);
  // This one cannot be noticed: the screen stays, and is drawn again afterwards.
  process.kill(await pid(), 'SIGSTOP');
  terminal.type('echo he""re\r');
  await says(terminal, /here/);
  terminal.type('fg\r');
  await says(terminal, /^› Web EU/m);
  terminal.type('q');
  await restored(terminal, 'after');
});

test('an error ends it, and is printed on the restored screen', async () => {
  const terminal = await openShell();
  const fault = `process.on('SIGUSR2', () => { throw new Error('a fault'); })`;
  const code = `data:text/javascript,${encodeURIComponent(fault).replaceAll("'", '%27')}`;
  await startTop(terminal, 'prod', `NODE_OPTIONS="--import=${code}"`);
  process.kill(await pid(), 'SIGUSR2');
  await exitCode(terminal);
  await says(terminal, /uncaught error, exiting/);
  await says(terminal, /code=1/);
  await restored(terminal, 'after');
});

test('a window that is closed ends it', async () => {
  if (python === null) throw new Error('no python3');
  const env = { ...project.env, PATH: process.env['PATH'] ?? '', TERM: 'xterm' };
  const argv = ['bash', '-c', `echo $$ > pid; exec "${process.execPath}" ${MAIN} top prod`];
  const terminal = openPseudoTerminal({ python, columns: 80, rows: 24, argv, cwd: directory, env });
  await says(terminal, /^› Web EU/m);
  const own = await pid();
  terminal.close();
  await terminal.ended;
  expect(() => process.kill(own, 0)).toThrow('ESRCH');
  await rm(directory, { recursive: true, force: true });
});

test('an unknown cluster is an error as for any command, without a screen', async () => {
  const terminal = await openShell();
  terminal.type(`"$NODE" ${MAIN} top prdo; echo code=$?\r`);
  await says(terminal, /I don't know a cluster "prdo"/);
  await says(terminal, /code=2/);
  expect(terminal.modes()).toEqual(SHELL);
});

test('TERM=dumb prints tables, and Ctrl-C ends them', async () => {
  const terminal = await openShell();
  terminal.type(`TERM=dumb "$NODE" ${MAIN} top prod\r`);
  await says(terminal, /^Web EU +\d+/m);
  expect(terminal.modes()).toEqual(SHELL);
  terminal.type(CTRL.c);
  terminal.type('echo code=$?\r');
  await says(terminal, /code=130/);
});

test('a cluster that tells its totals alone shows its nodes', async () => {
  const terminal = await openShell();
  terminal.type(`"$NODE" ${MAIN} top sandbox\r`);
  await says(terminal, /Only totals are available for sandbox\. Press n for its nodes\./);
  terminal.type('n');
  await says(terminal, /^› 127\.0\.0\.1:\d+ +\d+/m);
  terminal.type('q');
  await exitCode(terminal);
  await says(terminal, /code=0/);
});
