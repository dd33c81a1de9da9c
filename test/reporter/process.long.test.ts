// The reporter in processes of its own, on the oldest Node.js and on the newest: it ends with them, and never holds them.

import { type ChildProcess, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { oldestNode } from '../sandbox/drivers/packages.ts';
import { until } from '../sandbox/mongod/until.ts';
import { endOf, environmentFor, reporterFile } from './application.ts';
import { newDaemon } from './fake-client.ts';

const old = await oldestNode();
const NODES = [old, { path: process.execPath, version: process.version }];

const BEGIN = `
  import { EventEmitter } from 'node:events';
  import { reportPools } from './reporter.mjs';
  const client = new EventEmitter();
  const stop = reportPools(client);
  const address = '127.0.0.1:27017';
  client.emit('connectionCreated', { address, connectionId: 1 });
  client.emit('connectionReady', { address, connectionId: 1 });
  const work = (ms) => new Promise((resolve) => setTimeout(resolve, ms));`;
/** Says how long the process lived after its work. */
const END = `
  const ended = performance.now();
  process.on('exit', () => process.stdout.write(String(Math.round(performance.now() - ended))));`;
const AT_ONCE = 20_000;
/** Stretches the deadline of a report to a minute, so that the speed of this machine decides nothing. */
const PATIENT = `
  const soon = globalThis.setTimeout;
  globalThis.setTimeout = (task, ms, ...rest) => soon(task, ms === 2_000 ? 60_000 : ms, ...rest);`;

describe.for(NODES)('Node.js $version', ({ path }) => {
  test('a process that ends before its first report ends at once', async () => {
    const daemon = await newDaemon();
    const { output, code } = await runScript(path, [daemon.url], BEGIN + PATIENT + END);
    expect(code).toBe(0);
    expect(Number(output)).toBeLessThan(AT_ONCE);
    expect(daemon.reports).toEqual([]);
  });

  test('a process that ends while a bot does not answer ends at once', async () => {
    const daemon = await newDaemon();
    daemon.answer = () => 'hang';
    const { output, code } = await runScript(path, [daemon.url], `${BEGIN} ${PATIENT} await work(1_200); ${END}`);
    expect(code).toBe(0);
    expect(Number(output)).toBeLessThan(AT_ONCE);
    expect(daemon.hanging).toBe(1);
  });

  test('a process that ends while a connection to a bot is being made ends at once', async () => {
    const { output, code } = await runScript(
      path,
      [await blackHole()],
      `${BEGIN} ${PATIENT} await work(1_200); ${END}`,
    );
    expect(code).toBe(0);
    expect(Number(output)).toBeLessThan(AT_ONCE);
  });

  test('a process that ends says farewell to a bot that knows it', async () => {
    const daemon = await newDaemon();
    const { output, code } = await runScript(path, [daemon.url], `${BEGIN} ${PATIENT} await work(1_500); ${END}`);
    expect(code).toBe(0);
    expect(Number(output)).toBeLessThan(AT_ONCE);
    await until('the farewell arrives', async () => daemon.last()?.bye === true);
    expect(daemon.reports.map(({ seq, bye }) => [seq, bye])).toEqual([
      [1, false],
      [2, true],
    ]);
  });

  test('who waits for the end of the reports waits for the deadline at most, and ends well', async () => {
    const daemon = await newDaemon();
    daemon.answer = () => 'hang';
    const { output, errors, code } = await runScript(path, [daemon.url], `${BEGIN} await stop(); console.log('done');`);
    expect({ output, errors, code }).toEqual({ output: 'done\n', errors: '', code: 0 });
  });

  test('a worker thread reports as a process of its own', async () => {
    const daemon = await newDaemon();
    const { code } = await runScript(
      path,
      [daemon.url],
      `${BEGIN}
      import { isMainThread, Worker } from 'node:worker_threads';
      if (isMainThread) {
        const worker = new Worker(new URL(import.meta.url));
        await new Promise((resolve) => worker.once('exit', resolve));
      }
      await stop();`,
    );
    expect(code).toBe(0);
    const byes = daemon.reports.filter(({ bye }) => bye);
    expect(byes).toHaveLength(2);
    expect(new Set(byes.map(({ process: { id } }) => id)).size).toBe(2);
    expect(new Set(byes.map(({ process: { pid } }) => pid)).size).toBe(1);
  });

  test('CommonJS takes it with import(), and it prints nothing', async () => {
    const daemon = await newDaemon();
    const text = `
      const { EventEmitter } = require('node:events');
      (async () => {
        const { reportPools } = await import('./reporter.mjs');
        await reportPools(new EventEmitter(), { app: 'common' })();
      })();`;
    const { output, errors, code } = await runScript(path, [daemon.url], text, 'script.cjs');
    expect({ output, errors, code }).toEqual({ output: '', errors: '', code: 0 });
    expect(daemon.last()?.process.app).toBe('common');
  });
});

async function runScript(node: string, urls: readonly string[], text: string, name = 'script.mjs') {
  const file = join(dirname(await reporterFile()), name);
  await writeFile(file, text);
  const env = { PATH: process.env['PATH'], ...environmentFor(urls) };
  const child = spawn(node, [file], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [code, output, errors] = await Promise.all([endOf(child), textOf(child.stdout), textOf(child.stderr)]);
  return { code, output, errors };
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += chunk;
  return text;
}

/** The address of a server that is stopped, and whose queue is full: a connection to it is never made. */
async function blackHole(): Promise<string> {
  const code = `require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () {
    console.log(this.address().port);
  });`;
  const child: ChildProcess = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = endOf(child);
  const port = await new Promise<number>((resolve) => child.stdout?.once('data', (text) => resolve(Number(text))));
  child.kill('SIGSTOP');
  const queue = Array.from({ length: 6 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
  onTestFinished(async () => {
    for (const socket of queue) socket.destroy();
    child.kill('SIGKILL');
    await ended;
  });
  await pause(300);
  return `http://127.0.0.1:${port}`;
}
