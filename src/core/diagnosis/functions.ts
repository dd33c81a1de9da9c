// functions: serverless functions that hold more connections than they use.

import { count, counted } from '../base/format.ts';
import { mainDriver, mainDrivers, monitorsOfPolling, pollsByChoice } from './driver-options.ts';
import type { SourceFacts } from './facts.ts';
import { average, averageOf, type Examined, type Finder, heldOn, type Match, pooledOn } from './finder.ts';
import { oneStartEach } from './openings.ts';

/** A few clients that poll are a script, or a test. */
const LEAST_CLIENTS = 20;
/** An environment runs one request at a time: one connection, or a second one for a parallel query. */
const EACH = 2;
/** So many addresses are as many environments. Behind a NAT gateway all of them have one. */
const MANY_ADDRESSES = 10;
/** A few clients at an address are the functions of one program. */
const EACH_ADDRESS = 3;
const LEAST_FREED = 30;

/** Clients that poll: one monitor each on every node, or two of the C driver. Null where monitors are unknown, or clients stream. */
function pollingClients(source: SourceFacts): number | null {
  const { clients, nodes, monitors, isEstimated } = source;
  if (clients !== null || isEstimated || monitors === null || nodes.length === 0) return null;
  const here = nodes.map((node) => node.monitors ?? Math.floor(monitors / nodes.length));
  return Math.floor(Math.min(...here) / monitorsOfPolling(mainDriver(source)));
}

/** Whether the drivers of a source stream elsewhere, and poll here: in functions, or because an option says so. */
export function isPolling(source: SourceFacts): boolean {
  const drivers = mainDrivers(source);
  return (pollingClients(source) ?? 0) > 0 && drivers.length > 0 && drivers.every(pollsByChoice);
}

export const functions: Finder = (subject) => {
  const { source } = subject;
  const clients = pollingClients(source);
  if (clients === null || clients < LEAST_CLIENTS || !isPolling(source)) return null;
  const found = largePools(subject, clients) ?? manyClients(subject, clients) ?? oneStartEach(subject);
  if (found === null) return null;
  const where = source.addresses === 1 ? ' at one address' : '';
  const seen = `About ${counted(clients, 'client')}${where} poll instead of streaming, as drivers do in functions (or with serverMonitoringMode=poll).`;
  const confidence = (source.addresses ?? 0) >= MANY_ADDRESSES ? found.confidence : 'likely';
  return { ...found, evidence: [seen, ...found.evidence], confidence };
};

function largePools({ source }: Examined, clients: number): Match | null {
  const [largest] = source.nodes.toSorted((a, b) => pooledOn(b) - pooledOn(a));
  const pooled = largest === undefined ? 0 : pooledOn(largest);
  if (pooled < EACH * clients || pooled - clients < LEAST_FREED) return null;
  return {
    evidence: [
      `Each holds about ${averageOf(pooled / clients, 'pooled connection')} on one node.`,
      'Expected: one, because an environment runs one request at a time.',
    ],
    frees: (node) => pooledOn(node) - Math.max(clients, node.active),
    confidence: 'fits',
  };
}

function manyClients({ source }: Examined, clients: number): Match | null {
  const { addresses } = source;
  if (
    addresses === null ||
    addresses < MANY_ADDRESSES ||
    clients < EACH_ADDRESS * addresses ||
    clients - addresses < LEAST_FREED
  )
    return null;
  return {
    evidence: [
      `That is ${average(clients / addresses)} clients for each address.`,
      `Expected: one client for each environment, so about ${count(addresses)} if each has an address of its own.`,
    ],
    frees: (node) => heldOn(node) * (1 - addresses / clients),
    confidence: 'likely',
  };
}
