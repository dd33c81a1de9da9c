// The parts of a connection string before its options: user, hosts and database.

import { decoded } from './anatomy.ts';
import { error, UNESCAPED, warning } from './connection-options.ts';
import type { LintFinding } from './report.ts';

/** Without an @, because redaction would take it for a string with a user. */
export const FORM =
  'Write mongodb://host:port/?options or mongodb+srv://host/?options, with user:password@ before the first host.';

interface Login {
  readonly login: string | null;
  readonly user: string | null;
  readonly hasPassword: boolean;
  readonly findings: readonly LintFinding[];
}

const PLACEHOLDER = /^(<.*>|\{\{.*\}\}|\$\{.*\}|\{(db_?)?(user_?(name)?|pass(word)?)\})$/i;
const ESCAPED_PLACEHOLDER = /^<(db_?)?(user_?(name)?|pass(word)?)>$/i;

export function loginOf(userinfo: string | null): Login {
  const none = { login: null, user: null, hasPassword: false };
  if (userinfo === null) return { ...none, findings: [] };
  const colon = userinfo.indexOf(':');
  const written = colon < 0 ? [userinfo] : [userinfo.slice(0, colon), userinfo.slice(colon + 1)];
  if (written.some((part) => /[:/?#[\]@]/.test(part))) return { ...none, findings: [UNESCAPED] };
  const parts = written.map(decoded);
  const [user, password] = parts;
  if (parts.includes(null) || user === null || user === undefined) {
    const text = 'The user or the password has a % that is not the start of an escape such as %40.';
    return { ...none, findings: [error('percent-malformed', text, 'Write % as %25.')] };
  }
  if (written.some((part) => PLACEHOLDER.test(part)) || parts.some((part) => ESCAPED_PLACEHOLDER.test(part ?? '')))
    return {
      ...none,
      findings: [
        error(
          'placeholder-left',
          'A placeholder stands in place of the user or the password.',
          'Put the real one there, without brackets.',
        ),
      ],
    };
  if (user === '') return { ...none, findings: [error('username-missing', 'The user before the @ is missing.', FORM)] };
  const login = parts.map((part) => encodeURIComponent(part ?? '')).join(':');
  return { login, user, hasPassword: Boolean(password), findings: [] };
}

export function hostsOf(authority: string, srv: boolean, findings: LintFinding[]): readonly string[] {
  const hosts = authority.split(',').map((host) => host.trim());
  if (hosts.join() !== authority)
    findings.push(warning('surrounding-text', 'Blanks between the hosts are ignored.', 'Remove them.'));
  const wrong = hosts.map((host) => hostError(host, srv)).find((one) => one !== null);
  if (wrong != null) findings.push(wrong);
  if (srv && hosts.length > 1)
    findings.push(
      error('srv-multiple-hosts', 'A mongodb+srv:// string has more than one host.', 'Name one, without a port.'),
    );
  return hosts.map((host) => (isSocket(host) ? (decoded(host) ?? host) : host));
}

function isSocket(host: string): boolean {
  return /%2F.*\.sock$/i.test(host);
}

function hostError(host: string, srv: boolean): LintFinding | null {
  if (host === '')
    return error('host-missing', 'A host is missing.', `A path of a Unix socket is written with %2F for /. ${FORM}`);
  if (/^https?:?$/i.test(host)) return error('host-is-url', 'A web address stands in place of a host.', FORM);
  if (/%2F/i.test(host))
    return isSocket(host) && !srv && decoded(host) !== null
      ? null
      : error(
          'socket-unescaped',
          'The path of a Unix socket is malformed.',
          'Write it as %2Ftmp%2Fmongodb-27017.sock, with mongodb://.',
        );
  if (/^[^[\]]*:[^[\]]*:/.test(host))
    return error(
      'ipv6-unbracketed',
      'A host has several colons.',
      'Write an IPv6 address in brackets: [2001:db8::1]:27017.',
    );
  const { name = '', port } =
    /^(?<name>\[[0-9a-f:.]+(?:%25\w+)?\]|[^:[\]]+)(?::(?<port>.*))?$/i.exec(host)?.groups ?? {};
  if (srv && port !== undefined)
    return error('srv-port', 'A mongodb+srv:// string has a port.', 'Remove the port, or use mongodb://.');
  if (port !== undefined && (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535))
    return error(
      'port-invalid',
      'A port is not a number from 1 to 65535, or the @ behind the password is missing.',
      'Check the end of the string. In a .env file, a value with # needs quotes.',
    );
  if (srv && (name.startsWith('[') || /^\d+(\.\d+){3}$/.test(name)))
    return error('srv-host-address', 'A mongodb+srv:// string has an IP address.', 'Use mongodb:// with addresses.');
  if (/^<.*>$|\.x{4,}\.mongodb\.net$/i.test(name))
    return error(
      'placeholder-left',
      'A placeholder stands in place of a host.',
      'Copy the host from Atlas: Connect → Drivers.',
    );
  const isPlain = name.startsWith('[') || (/^[^\s"'\\<>^`{|}]+$/.test(name) && decoded(name) !== null);
  return isPlain ? null : error('host-invalid', 'A host has a character that no host name has.', FORM);
}

export function databaseOf(path: string): { readonly name: string | null; readonly findings: readonly LintFinding[] } {
  const name = decoded(path.replace(/^\//, '').replace(/#.*$/s, ''));
  if (name === '') return { name: null, findings: [] };
  if (name !== null && /[=&]/.test(path))
    return {
      name,
      findings: [
        error('question-mark-missing', 'Options stand where the database does.', 'Write /? before the first option.'),
      ],
    };
  if (name === null || /[/\\\s"$]/.test(name))
    return {
      name,
      findings: [
        error(
          'database-name-invalid',
          'The database has a name that MongoDB does not allow.',
          'Remove / \\ " $ and blanks from it.',
        ),
      ],
    };
  return { name, findings: [] };
}
