// Rules about hosts.

import { afterLogin, hasPlaceholderPort, isAtlasName, isPort, isSocketPath } from './anatomy.ts';
import { type LintRule, type Said, withOption, without } from './rule.ts';
import { isOtherProduct } from './rules-safety.ts';
import { isAtlasMember, type LintSubject } from './subject.ts';

const SPECIFIED = 'connection string specification';
const SRV = 'SRV specification';

export const HOST_RULES: readonly LintRule[] = [
  {
    id: 'host-missing',
    severity: 'error',
    breaks: true,
    source: SPECIFIED,
    find: ({ hosts, located, anatomy }) =>
      hosts.some(({ text }) => isMissing(text)) && !isSocketPath(afterLogin(located.body)) && !anatomy.isStrayAt
        ? { text: 'A host is missing.', fix: 'Write at least one host, and one comma between two.' }
        : null,
  },
  {
    id: 'host-invalid',
    severity: 'error',
    breaks: true,
    source: SPECIFIED,
    find: (subject) =>
      subject.hosts.some((host) => isStrange(host, subject))
        ? {
            text: 'A host has a character that no host name has, or the @ behind the password is missing.',
            fix: 'Write host:port, with commas and no blanks between hosts, and @ before the first.',
          }
        : null,
  },
  {
    id: 'port-invalid',
    severity: 'error',
    breaks: true,
    source: SPECIFIED,
    find: (subject) => (subject.hosts.some((host) => hasWrongPort(host, subject)) ? wrongPort(subject) : null),
  },
  {
    id: 'ipv6-unbracketed',
    severity: 'error',
    breaks: true,
    source: SPECIFIED,
    find: (subject) =>
      subject.hosts.some(({ text }) => isBareIpv6(text))
        ? {
            text: 'A host has several colons.',
            fix: 'Write an IPv6 address in brackets: [2001:db8::1]:27017.',
          }
        : null,
  },
  {
    id: 'socket-unescaped',
    severity: 'error',
    breaks: true,
    source: SPECIFIED,
    find: ({ hosts, anatomy, located }) => {
      const isBare = isSocketPath(located.body) && hosts.some(({ kind }) => kind === 'wrong');
      const isHalf = !anatomy.isEncodedAt && hosts.some(({ kind, text }) => kind === 'wrong' && /%2F/i.test(text));
      const isSrv = located.srv && hosts.some(({ kind }) => kind === 'socket');
      return isBare || isHalf || isSrv
        ? {
            text: 'The path of a Unix socket is malformed: its slashes must be escaped, and it must end in .sock.',
            fix: 'Write mongodb://%2Ftmp%2Fmongodb-27017.sock.',
          }
        : null;
    },
    repair: (draft, { located }) => {
      const path = /^[\w./-]+\.sock/.exec(afterLogin(located.body))?.[0];
      draft.srv = false;
      if (path === undefined) return;
      draft.hosts = [encodeURIComponent(path)];
      draft.database = null;
    },
  },
  {
    id: 'srv-port',
    severity: 'error',
    breaks: true,
    source: SRV,
    find: ({ srv, hosts }) =>
      srv && hosts.some(({ kind, port }) => kind === 'name' && port !== null && /^\d+$/.test(port))
        ? {
            text: 'A mongodb+srv:// string has a port. The SRV records have the ports.',
            fix: 'Remove the port, or write mongodb:// with every host.',
          }
        : null,
    repair: (draft) => {
      draft.hosts = draft.hosts.map((host) => host.replace(/:\d+$/, ''));
    },
  },
  {
    id: 'srv-multiple-hosts',
    severity: 'error',
    breaks: true,
    source: SRV,
    find: ({ srv, hosts }) =>
      srv && hosts.length > 1
        ? {
            text: 'A mongodb+srv:// string has several hosts. One name with SRV records stands for all of them.',
            fix: 'Keep the one name, or write mongodb:// with every host and port.',
          }
        : null,
    repair: (draft, { hosts }) => {
      const isMembers = hosts.every(({ name }) => isAtlasMember(name) || !isAtlasName(name));
      if (isMembers) draft.srv = false;
      else draft.hosts = draft.hosts.slice(0, 1);
    },
  },
  {
    id: 'srv-host-address',
    severity: 'error',
    source: SRV,
    find: ({ srv, hosts }) => {
      if (!srv) return null;
      if (hosts.some(({ kind, name }) => kind === 'address' || kind === 'ipv6' || /^localhost$/i.test(name)))
        return {
          text: 'A mongodb+srv:// string has an address. An address has no SRV records.',
          fix: 'Write mongodb:// with the address and its port, such as mongodb://10.0.0.5:27017.',
        };
      return hosts.length === 1 && hosts.some(({ name }) => isAtlasMember(name))
        ? {
            text: 'A mongodb+srv:// string has the name of one member. It has no SRV records.',
            fix: "Write the cluster's name: without -shard-00-00, as in cluster0.ab1cd.mongodb.net.",
          }
        : null;
    },
    repair: (draft, { isAtlas }) => {
      draft.srv = false;
      if (isAtlas) withOption(draft, 'tls', 'true');
    },
  },
  {
    id: 'srv-name-without-srv',
    severity: 'error',
    source: 'Atlas documentation',
    find: (subject) =>
      isSrvName(subject)
        ? {
            text: 'This is the name of an Atlas cluster with SRV records. No server answers under the name itself.',
            fix: 'Write mongodb+srv:// in place of mongodb://, without a port.',
          }
        : null,
    repair: (draft) => {
      draft.srv = true;
      draft.hosts = draft.hosts.map((host) => host.replace(/:\d+$/, ''));
    },
  },
  {
    id: 'single-member',
    severity: 'warning',
    source: 'Atlas documentation',
    find: ({ srv, hosts, isAtlas, has, flag, login }) => {
      const [only] = hosts;
      // Of a second user before a second host, the first one counts as a part of the password.
      if (login?.written.some((part) => part.includes('@')) === true) return null;
      if (srv || only === undefined || hosts.length > 1 || only.kind === 'wrong' || only.kind === 'socket') return null;
      if (flag('directConnection') === true || flag('loadBalanced') === true) return null;
      // Others give one name to the whole set.
      if (isOtherProduct(only.name)) return null;
      const isMember = isAtlas ? /-shard-\d+-\d+/i.test(only.name) : has('replicaSet');
      return isMember
        ? {
            text: 'Only one member of the replica set is listed. The application cannot start while that one is down.',
            fix: isAtlas
              ? 'Use the mongodb+srv:// string of the cluster.'
              : 'List every member: host1:27017,host2:27017.',
          }
        : null;
    },
  },
  {
    id: 'replica-set-missing',
    severity: 'warning',
    source: 'server selection specification',
    find: ({ srv, hosts, isAtlas, has, flag, anatomy }) => {
      if (srv || anatomy.isUnsafe || hosts.length < 2 || has('replicaSet') || has('loadBalanced')) return null;
      if (hosts.some(({ kind }) => kind === 'wrong' || kind === 'socket') || flag('directConnection') === true)
        return null;
      return {
        text: 'Several hosts stand without replicaSet, so that a driver accepts any set that it finds there.',
        fix: isAtlas
          ? 'Use the mongodb+srv:// string, or add replicaSet=NAME from Atlas.'
          : 'Add replicaSet=NAME. Hosts that are mongos need none.',
      };
    },
    repair: (draft) => {
      withOption(draft, 'replicaSet', '<replica set>');
    },
  },
  {
    id: 'copied-from-mongosh',
    severity: 'warning',
    source: 'measured',
    find: (subject) =>
      isFromMongosh(subject)
        ? {
            text: 'mongosh added directConnection, serverSelectionTimeoutMS=2000 and its appName to this string.',
            fix: 'Remove the three.',
          }
        : null,
    repair: (draft) => {
      without(draft, 'directConnection', 'serverSelectionTimeoutMS');
      if (draft.options.some(([name, value]) => name === 'appName' && /^mongosh/i.test(value)))
        withOption(draft, 'appName', '<application>');
    },
  },
];

/** Nothing, or a port alone. */
function isMissing(text: string): boolean {
  return /^(?::\d{0,5})?$/.test(text);
}

function isBareIpv6(text: string): boolean {
  return /^[^[\]]*:[^[\]]*:/.test(text);
}

function isStrange({ kind, text }: LintSubject['hosts'][number], { anatomy, located }: LintSubject): boolean {
  if (kind !== 'wrong' || isMissing(text) || anatomy.isStrayAt) return false;
  if (isBareIpv6(text) || /%2F/i.test(text) || isSocketPath(afterLogin(located.body))) return false;
  // A placeholder has a finding of its own.
  return !/[<>{}$]/.test(text);
}

function hasWrongPort(host: LintSubject['hosts'][number], { anatomy }: LintSubject): boolean {
  const { kind, port, text } = host;
  if (kind === 'wrong' || hasPlaceholderPort(host) || isBareIpv6(text)) return false;
  return !isPort(port) && !anatomy.isStrayAt;
}

function wrongPort({ anatomy }: LintSubject): Said {
  if (anatomy.isEncodedAt)
    return {
      text: 'The @ between the password and the host is written as %40, so that no host was found.',
      fix: 'Write that @ as it is. Only an @ inside the user or the password is %40.',
    };
  return {
    text: 'A port is not a number from 1 to 65535, or the @ behind the password is missing.',
    fix: 'Write host:27017. With a user, write <user>:<password>@ before the first host.',
  };
}

function isSrvName({ srv, hosts }: LintSubject): boolean {
  const [only] = hosts;
  if (srv || hosts.length !== 1 || only === undefined || only.kind !== 'name') return false;
  return isAtlasName(only.name) && !isAtlasMember(only.name) && !/\.x{4,}\./i.test(only.name);
}

/** What mongosh prints behind "Connecting to" and puts into what is copied from there. */
function isFromMongosh({ flag, figure, text }: LintSubject): boolean {
  if (/^mongosh\b/i.test(text('appName') ?? '')) return true;
  return flag('directConnection') === true && figure('serverSelectionTimeoutMS') === 2_000;
}
