// client-leak, client-per-request and fork: more MongoClients than the programs need.

import { DAY, HOUR } from '../base/duration.ts';
import { count, counted, span, sum } from '../base/format.ts';
import { usualAt } from '../baseline/baseline.ts';
import { isBound } from '../baseline/source-history.ts';
import { clientsInWords } from '../connections/clients.ts';
import { keepsDroppedClients } from '../drivers/versions.ts';
import { growthOf, middleOf } from './course.ts';
import { isForked, mainDriver } from './driver-options.ts';
import { average, averageOf, type Examined, type Finder, heldOn, type Match, momentOf, pooledOf } from './finder.ts';
import { oneStartEach } from './openings.ts';
import { clientsText, reportedOf } from './reported.ts';

/** Clients that one request made hold one connection, or two while they watch for a new primary. */
const ABOUT_ONE = 2;
/** Fewer more clients are a few more processes. */
const LEAST_MORE = 20;
const GROWN = 1.5;
/** A growth within hours may be that of every morning. */
const ABOVE_USUAL = 1.3;

export const clientLeak: Finder = (subject) => {
  const { source, history } = subject;
  const known = isAboutOne(subject) ? clientsOf(subject) : null;
  if (known === null) return null;
  const moment = momentOf(subject);
  const isEnough = (start: number) => known.now >= GROWN * start && known.now - start >= LEAST_MORE;
  const growth = growthOf(known.baseline, moment, known.now, isEnough);
  if (growth === null) return null;
  const isOfToday = growth.lasted <= DAY;
  const isAsUsual = known.usual !== null && known.now < ABOVE_USUAL * known.usual;
  if (history === null || (isOfToday && isAsUsual)) return null;
  const since = moment.at - growth.lasted;
  if (!hasSameHosts(subject, since) && !hasGrownInPlace(subject, ABOVE_USUAL)) return null;
  // A driver that closes dropped clients has a leak only while the program refers to them.
  const isKept = keepsDroppedClients(mainDriver(source) ?? 'any') === false;
  const reported = reportedOf(source, subject.past);
  return {
    evidence: [
      `The clients grew from ${count(growth.start)} to ${count(known.now)} in ${span(growth.lasted)}, and still grow.`,
      `Each holds ${averageOf(pooledOf(source) / known.now, 'pooled connection')}: they are not busy, they are many.`,
      ...(reported === null ? [] : [clientsText(reported)]),
      'Expected: as many clients as processes, which stays the same while the hosts do.',
      ...(isKept ? ['PyMongo closes a client that nothing refers to, so something still refers to these.'] : []),
    ],
    frees: (node) => heldOn(node) * (1 - growth.start / known.now),
    confidence: isKept || known.usual === null ? 'likely' : 'fits',
  };
};

/** Far above the usual: a program that scales out by half is not. */
const FAR_ABOVE = 2;
/** A few clients on a host are its processes. */
const EACH_HOST = 3;
/** Pools that usually hold half as many again for each client were shared before. */
const FELL = 1.5;

export const clientPerRequest: Finder = (subject) => manyClients(subject) ?? oneStartEach(subject);

function manyClients(subject: Examined): Match | null {
  const { source, history } = subject;
  const known = isAboutOne(subject) ? clientsOf(subject) : null;
  if (known === null || known.usual === null || history === null) return null;
  const { now, usual } = known;
  const hosts = source.addresses;
  if (hosts === null || hosts === 0) return null;
  if (now < FAR_ABOVE * usual || now - usual < LEAST_MORE || now < EACH_HOST * hosts) return null;
  if (!hasGrownInPlace(subject, GROWN)) return null;
  const each = pooledOf(source) / now;
  const pooled = usualAt(history.pooled, momentOf(subject))?.value ?? 0;
  const before = pooled / Math.max(1, usual);
  const isShared = before >= FELL * each;
  const were = isShared ? `; usually ${counted(Math.round(usual), 'client')} with ${average(before)} each` : '';
  return {
    evidence: [
      `${clientsInWords(source)} on ${hosts === 1 ? 'one address' : `${count(hosts)} addresses`}, usually ${count(usual)}.`,
      `Each holds ${averageOf(each, 'pooled connection')}, on all nodes together${were}.`,
      'Expected: one client for each process, which all of its requests share.',
      ...(isShared ? [] : ['As many more processes on the same hosts would look alike.']),
    ],
    frees: (node) => heldOn(node) * (1 - Math.max(usual, hosts) / now),
    confidence: isShared ? 'fits' : 'likely',
  };
}

interface KnownClients {
  readonly now: number;
  /** Null while it learns. */
  readonly usual: number | null;
  readonly baseline: NonNullable<NonNullable<Examined['history']>['clients']>;
}

/** Null when they are unknown, or when a lower bound would be compared with an exact number. */
function clientsOf(subject: Examined): KnownClients | null {
  const { source, history } = subject;
  if (source.clients === null || source.clients === 0 || !history?.clients) return null;
  if (isBound(history) !== isBound(source)) return null;
  const usual = usualAt(history.clients, momentOf(subject))?.value ?? null;
  return { now: source.clients, usual, baseline: history.clients };
}

/** A client that a program shares holds more, or nothing while it is idle. */
function isAboutOne({ source }: Examined): boolean {
  const each = pooledOf(source) / Math.max(1, source.clients ?? 0);
  return each <= ABOUT_ONE && each >= 0.25;
}

/** So many hosts a history remembers, so that a list of fewer is whole. */
const REMEMBERED = 8;
/** A host with less than this share of a source changes nothing. */
const SMALL = 0.05;

/** Whether every host was there before a time. Programs that scale out come with new hosts. */
function hasSameHosts({ source, history }: Examined, since: number): boolean {
  if (history === null || source.addresses === null || source.addresses > REMEMBERED) return false;
  const old = new Set(history.hosts.flatMap((host) => (host.since <= since ? [host.name] : [])));
  const large = source.hosts.filter(({ active, dormant }) => active + dormant >= SMALL * pooledOf(source));
  return large.length > 0 && large.every(({ address }) => old.has(address));
}

/** Whether the hosts that were there before hold this many times their usual. */
function hasGrownInPlace({ source, history, cluster }: Examined, factor: number): boolean {
  const known = new Map(
    history?.hosts.flatMap((host) => (cluster.at - host.since >= HOUR ? [[host.name, host.usual] as const] : [])),
  );
  const here = source.hosts.filter(({ address }) => known.has(address));
  const now = sum(here, ({ active, dormant }) => active + dormant);
  const usual = sum(here, ({ address }) => known.get(address) ?? 0);
  return here.length > 0 && now >= factor * Math.max(1, usual);
}

/** So many hosts tell which of them is odd. */
const LEAST_HOSTS = 3;
/** Alike but for a tenth, because clients come and go. */
const ALIKE = 0.1;
/** At most a quarter of the hosts are the odd ones. */
const ODD = 0.25;
/** Fewer clients above the others are a second program. */
const LEAST_WORKERS = 8;

export const fork: Finder = (subject) =>
  isForked(mainDriver(subject.source)) ? (oddHost(subject) ?? multiplied(subject)) : null;

/** One host has several times the clients of each other. */
function oddHost({ source }: Examined): Match | null {
  const hosts = source.hosts.flatMap(({ address, clients, clientsAtLeast }) =>
    clients === null || clients === 0 || clientsAtLeast === true ? [] : [{ address, clients }],
  );
  if (hosts.length < LEAST_HOSTS || hosts.length < source.hosts.length) return null;
  const sorted = hosts.toSorted((a, b) => b.clients - a.clients);
  const each = sorted[Math.floor(sorted.length / 2)]?.clients ?? 0;
  const odd = sorted.filter(({ clients }) => clients > (1 + ALIKE) * each);
  const isEven = sorted.every(({ clients }) => clients >= (1 - ALIKE) * each);
  const [first] = odd;
  if (first === undefined || !isEven || odd.length > ODD * hosts.length) return null;
  const times = Math.round(first.clients / each);
  if (times < 2 || !isMultiple(first.clients, each) || first.clients - each < LEAST_WORKERS) return null;
  const others = each === 1 ? '1 client' : `${count(each)} clients`;
  const more = sum(odd, ({ clients }) => clients - each);
  return {
    evidence: [
      `${first.address} has ${count(first.clients)} clients, ${count(times)} times as many as each other host: ${others}.`,
      'Expected: as many clients on each host of one program.',
      'A client that exists before its process forks is there once more in each child.',
    ],
    frees: (node) => (heldOn(node) * more) / Math.max(1, source.clients ?? 0),
    confidence: 'likely',
  };
}

/** How long the clients stay at their number after a deploy. */
const STEADY = HOUR;
const JUMPED_WITHIN = DAY;

/** A multiple of the usual clients since a step, on the hosts of before: as after a deploy. */
function multiplied(subject: Examined): Match | null {
  const { source, history } = subject;
  const known = isAboutOne(subject) ? clientsOf(subject) : null;
  if (known === null || known.usual === null || history === null) return null;
  const { now, usual, baseline } = known;
  const times = Math.round(now / Math.max(1, usual));
  const moment = momentOf(subject);
  if (times < 2 || !isMultiple(now, usual) || now - usual < LEAST_MORE) return null;
  if (!hasSameHosts(subject, moment.at - JUMPED_WITHIN)) return null;
  const hour = middleOf(baseline, moment, STEADY);
  if (hour === null || Math.abs(hour - now) > ALIKE * now) return null;
  const hosts = source.addresses ?? 1;
  return {
    evidence: [
      `${counted(now, 'client')}, ${count(times)} times the usual ${count(usual)}, for an hour or more, on the same hosts.`,
      'Expected: as many clients on each host as before.',
      'A client that exists before its process forks is there once more in each child.',
    ],
    frees: (node) => (heldOn(node) * Math.min(hosts, now - usual)) / now,
    confidence: 'likely',
  };
}

function isMultiple(value: number, of: number): boolean {
  const times = Math.round(value / of);
  return Math.abs(value - times * of) <= ALIKE * of;
}
