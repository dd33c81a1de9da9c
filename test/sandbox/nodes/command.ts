// The commands that a node answers; every other one is not found, as on a server.

import type { Document } from 'bson';
import { evaluate } from './aggregation.ts';
import { authenticationInHello, saslContinue, saslStart } from './authentication.ts';
import {
  commandError,
  commandNotFound,
  cursorNotFound,
  notAuthorized,
  notInThisTier,
  notPrimaryNoSecondaryOk,
  requiresAuthentication,
} from './command-error.ts';
import { currentOpStage, needsInprog, parseOptions, yielded } from './current-op.ts';
import { serverStatusBody } from './server-status.ts';
import { allDocuments, countConnections, type NodeState, type Peer } from './state.ts';
import { gossip, helloBody } from './topology.ts';
import type { Privilege } from './user.ts';
import { VERSIONS } from './version.ts';

interface Call {
  readonly state: NodeState;
  readonly peer: Peer;
  readonly command: Document;
}

interface Handler {
  readonly run: (call: Call) => Document | Promise<Document>;
  /** Answered before authentication. */
  readonly open?: true;
}

const HANDLERS: Readonly<Record<string, Handler>> = {
  hello: { run: hello, open: true },
  isMaster: { run: hello, open: true },
  ismaster: { run: hello, open: true },
  saslStart: { run: ({ state, peer, command }) => saslStart(state, peer, command), open: true },
  saslContinue: { run: ({ state, peer, command }) => saslContinue(state, peer, command), open: true },
  ping: { run: () => ({ ok: 1 }), open: true },
  buildInfo: { run: buildInfo, open: true },
  endSessions: { run: () => ({ ok: 1 }), open: true },
  serverStatus: { run: serverStatus },
  aggregate: { run: aggregate },
  getMore: { run: getMore },
  killCursors: { run: killCursors },
};

/** Never throws: what fails is an answer with `ok: 0`. */
export async function runCommand(call: Call): Promise<Document> {
  const name = commandName(call.command);
  const handler = HANDLERS[name];
  const failure = call.state.trouble.failure(name);
  if (failure !== undefined) return failure;
  if (handler === undefined) return commandNotFound(name);
  if (!handler.open && call.state.accounts !== null && call.peer.account === null) return requiresAuthentication(name);
  const body = await handler.run(call);
  return { ...body, ...gossip(call.state.topology.role(), call.state.now()) };
}

export function commandName(command: Document): string {
  return Object.keys(command)[0] ?? '';
}

async function hello({ state, peer, command }: Call): Promise<Document> {
  if (command['client'] !== undefined && peer.metadata === null) peer.metadata = command['client'];
  const seen = awaited(command);
  if (seen?.processId === state.topology.processId) {
    await state.topology.waitForChange(seen.counter, seen.maxAwaitMs, peer.gone);
  }
  const legacy = command['hello'] === undefined;
  const { topology, version } = state;
  const facts = { topology, version, me: state.me(), set: state.set(), connectionId: peer.id, legacy };
  return { ...helloBody({ ...facts, at: state.now() }), ...authenticationInHello(state, peer, command) };
}

/** What a hello waits to see changed; null for one that wants its answer at once. */
export function awaited(command: Document): { processId: string; counter: number; maxAwaitMs: number } | null {
  const { topologyVersion, maxAwaitTimeMS } = command;
  if (topologyVersion === undefined || maxAwaitTimeMS === undefined) return null;
  const { processId, counter } = topologyVersion;
  return { processId: processId.toHexString(), counter: Number(counter), maxAwaitMs: Number(maxAwaitTimeMS) };
}

function buildInfo({ state }: Call): Document {
  const { full } = VERSIONS[state.version];
  return { version: full, versionArray: [...full.split('.').map(Number), 0], maxBsonObjectSize: 16_777_216, ok: 1 };
}

function may({ state, peer }: Call, privilege: Privilege): boolean {
  return state.accounts === null || peer.account?.privileges.has(privilege) === true;
}

function serverStatus(call: Call): Document {
  const { state, command } = call;
  if (!may(call, 'serverStatus')) return notAuthorized(command);
  const at = state.now();
  return serverStatusBody({
    command,
    version: state.version,
    host: state.processName(),
    mongos: state.topology.role() === 'mongos',
    trimmedByAtlas: state.tier !== 'dedicated',
    counts: countConnections(state, at),
    at,
  });
}

function aggregate(call: Call): Document {
  const { state, peer, command } = call;
  const stage = currentOpStage(command['pipeline']);
  if (stage === null) return commandError(115, 'CommandNotSupported', 'only $currentOp is aggregated here');
  if (state.tier !== 'dedicated') return notInThisTier('$currentOp');
  if (command['$db'] !== 'admin' || command['aggregate'] !== 1) {
    const text = `$currentOp must be run against the 'admin' database with {aggregate: 1}`;
    return commandError(73, 'InvalidNamespace', text);
  }
  if (command['cursor'] === undefined) {
    const text = `The 'cursor' option is required, except for aggregate with the explain argument`;
    return commandError(9, 'FailedToParse', text);
  }
  const options = parseOptions(stage, state.version);
  if ('code' in options) return options;
  const role = state.topology.role();
  if (needsInprog(options, role) && !may(call, 'inprog')) return notAuthorized(command);
  if (isSecondary(state) && !secondaryOk(command)) return notPrimaryNoSecondaryOk();
  const reader = { user: peer.account?.user ?? null, role, host: state.me() };
  const documents = yielded(allDocuments(state, state.now()), options, reader);
  const evaluated = evaluate(command['pipeline'].slice(1), documents);
  if ('error' in evaluated) return evaluated.error;
  const cursor = state.cursors.open('admin.$cmd.aggregate', evaluated.results, command['cursor'].batchSize);
  return { cursor, ok: 1 };
}

function isSecondary(state: NodeState): boolean {
  const role = state.topology.role();
  return role === 'secondary' || role === 'hidden';
}

function secondaryOk(command: Document): boolean {
  const mode: unknown = command['$readPreference']?.mode;
  return mode !== undefined && mode !== 'primary';
}

function getMore({ state, command }: Call): Document {
  const cursor = state.cursors.getMore(Number(command['getMore']), command['batchSize']);
  return cursor === null ? cursorNotFound(command['getMore']) : { cursor, ok: 1 };
}

function killCursors({ state, command }: Call): Document {
  const asked: readonly number[] = Array.from(command['cursors'] ?? [], Number);
  const killed = state.cursors.kill(asked);
  const notFound = asked.filter((id) => !killed.includes(id));
  return { cursorsKilled: killed, cursorsNotFound: notFound, cursorsAlive: [], cursorsUnknown: [], ok: 1 };
}
