// Rules about the shape of a connection string: what surrounds it, its separators, the user and the database.

import { afterLogin, hasPlaceholderPort, isSocketPath } from './anatomy.ts';
import type { LintFinding } from './report.ts';
import type { LintRule, Said } from './rule.ts';
import type { LintSubject } from './subject.ts';

const FORM = 'mongodb://host:port/?options or mongodb+srv://host/?options';
const SPECIFIED = 'connection string specification';

export const SHAPE_RULES: readonly LintRule[] = [
  {
    id: 'scheme-invalid',
    severity: 'error',
    breaks: true,
    source: SPECIFIED,
    find: ({ located }) => SCHEMES[located.scheme],
  },
  {
    id: 'host-is-url',
    severity: 'error',
    breaks: true,
    source: SPECIFIED,
    find: ({ located }) =>
      located.isHostUrl
        ? {
            text: 'A host is written as an address with a scheme of its own.',
            fix: 'Write the host alone. Put commas between the hosts of one cluster: host1:27017,host2:27017.',
          }
        : null,
  },
  {
    id: 'surrounding-text',
    severity: 'info',
    source: 'measured',
    find: ({ located }) =>
      located.isSurrounded
        ? {
            text: 'Quotes, a name or words stand around the connection string. They were left out.',
            fix: 'Copy only what begins with mongodb:// or mongodb+srv://.',
          }
        : null,
  },
  {
    id: 'secret-outside-uri',
    severity: 'warning',
    source: 'measured',
    find: ({ located }) => secretOutside(located),
  },
  {
    id: 'placeholder-left',
    severity: 'error',
    source: 'Atlas documentation',
    find: placeholders,
  },
  {
    id: 'slash-missing',
    severity: 'info',
    source: SPECIFIED,
    find: ({ anatomy }) =>
      anatomy.marks.slashMissing
        ? {
            text: 'No slash stands between the hosts and the question mark. Drivers before 2024 refuse that.',
            fix: 'Write /? before the first option.',
          }
        : null,
  },
  {
    id: 'question-mark-missing',
    severity: 'error',
    source: SPECIFIED,
    find: ({ anatomy }) =>
      anatomy.marks.questionMarkMissing
        ? {
            text: 'Options stand where the database belongs, so that drivers read them as its name.',
            fix: 'Write ? before the first option, and & before the others.',
          }
        : null,
  },
  {
    id: 'question-mark-twice',
    severity: 'error',
    source: SPECIFIED,
    find: ({ anatomy }) =>
      anatomy.marks.questionMarkTwice
        ? {
            text: 'A second question mark stands between the options, so that it becomes part of a value.',
            fix: 'Write & in its place.',
          }
        : null,
  },
  {
    id: 'html-escaped',
    severity: 'error',
    source: 'measured',
    find: ({ anatomy }) =>
      anatomy.marks.htmlEscaped
        ? {
            text: 'The separator between options is escaped, as in &amp; of HTML or \\u0026 of JSON, so that the option behind it is not read.',
            fix: 'Write & in its place.',
          }
        : null,
  },
  {
    id: 'separator-semicolon',
    severity: 'warning',
    source: SPECIFIED,
    find: ({ anatomy }) =>
      anatomy.marks.semicolons
        ? {
            text: 'A semicolon separates options. Most drivers read it as part of a value.',
            fix: 'Write & in its place.',
          }
        : null,
  },
  {
    id: 'database-name-invalid',
    severity: 'error',
    breaks: true,
    source: SPECIFIED,
    find: (subject) =>
      hasWrongDatabase(subject)
        ? {
            text: 'The name of the database has a character that MongoDB does not allow, or a wrong percent sign.',
            fix: 'Use a name without / \\ " $ and blanks. A collection does not belong into the string.',
          }
        : null,
    repair: (draft) => {
      draft.database = '<database>';
    },
  },
  {
    id: 'userinfo-unescaped',
    severity: 'error',
    breaks: true,
    source: SPECIFIED,
    find: (subject) => (isUnescaped(subject) ? saidOfUnescaped(subject) : null),
  },
  {
    id: 'percent-malformed',
    severity: 'error',
    breaks: true,
    source: SPECIFIED,
    find: ({ login }) =>
      login?.written.some(isMalformed) === true
        ? {
            text: 'The user or the password has a percent sign that begins no escape such as %40.',
            fix: 'Write % as %25.',
          }
        : null,
  },
  {
    id: 'double-encoded',
    severity: 'warning',
    source: 'measured',
    find: ({ login }) =>
      login?.written.some((part) => /%25[0-9a-f]{2}/i.test(part)) === true
        ? {
            text: 'The user or the password seems to be escaped twice: %25 and two hexadecimal digits.',
            fix: 'Escape once: write %40 for @, not %2540. Leave it if the password really has a % there.',
          }
        : null,
  },
  {
    id: 'plus-in-userinfo',
    severity: 'warning',
    source: 'measured',
    find: ({ login, anatomy }) =>
      login?.written.some((part) => part.includes('+')) === true && !anatomy.isStrayAt
        ? {
            text: 'The user or the password has a +. Node.js reads a plus, other drivers such as PyMongo a blank.',
            fix: 'Write a plus as %2B and a blank as %20.',
          }
        : null,
  },
  {
    id: 'username-missing',
    severity: 'error',
    breaks: true,
    source: SPECIFIED,
    find: ({ login, mechanism }) => {
      if (login?.written[0] === '')
        return { text: 'The user before the @ is missing.', fix: 'Write <user>:<password>@ before the first host.' };
      const isNeeded = login === null && mechanism !== null && WITH_USER.includes(mechanism);
      return isNeeded
        ? { text: `authMechanism=${mechanism} needs a user.`, fix: 'Write <user>:<password>@ before the first host.' }
        : null;
    },
    repair: (draft) => {
      draft.login = '<user>:<password>';
    },
  },
];

const WITH_USER = ['SCRAM-SHA-1', 'SCRAM-SHA-256', 'PLAIN', 'GSSAPI'];

const SCHEMES: Readonly<Record<LintSubject['located']['scheme'], Said | null>> = {
  right: null,
  case: { text: 'The scheme is not in lower case. Drivers refuse that.', fix: 'Write mongodb:// or mongodb+srv://.' },
  slip: { text: 'The scheme is misspelled.', fix: 'Write mongodb:// or mongodb+srv://.' },
  prefix: {
    text: 'Something stands directly before mongodb, such as jdbc:. Drivers for applications refuse that.',
    fix: 'Begin with mongodb:// or mongodb+srv://.',
  },
};

/** Nothing of the text is shown, because nothing of it was recognised. */
export const NO_SCHEME: LintFinding = {
  id: 'scheme-invalid',
  severity: 'error',
  text: 'The text has no mongodb:// or mongodb+srv://, so that it is no connection string.',
  fix: `Write ${FORM}, with <user>:<password>@ before the first host. Atlas shows it behind Connect → Drivers.`,
};

const SECRET_WORDS =
  /(?:^|\s)-p(?!ort\b|\s*(?:[\d.]+:)?\d{1,5}:\d{1,5}\b)\s*\S|pass(?:word|wd|phrase)?\b|\bpwd\b|secret|token|api.?key|access.?key|credential|mongodb(?:\+srv)?:\/\/[^\s/]*@/i;

function secretOutside({ outside }: LintSubject['located']): Said | null {
  if (!SECRET_WORDS.test(outside)) return null;
  return {
    text: 'Beside the connection string stands what looks like a password, a key or a second string with a user.',
    fix: 'Share the connection string alone. Change the password if others could read it.',
  };
}

const PLACEHOLDER =
  /^(?:<.*>|\{\{.*\}\}|\$?\{.*\}|\$\(.*\)|%s|\[\w*(?:user|pass)\w*\]|%\w*(?:user|pass)\w*%|\*{3,}|x{4,}|\.{3}|…|(?:your|my)[-_ ]?(?:db)?[-_ ]?(?:user|pass|name|secret)\w*|&lt;.*&gt;)$/i;
/** As shells write variables; a password may begin with a dollar sign. */
const VARIABLE = /^\$[A-Z][A-Z_]{2,}$/;
/** As Atlas and this linter write it. */
const COPIED_PLACEHOLDER = /^<(?:db_?)?(?:user_?(?:name)?|pass(?:word)?)>$/i;
const PLACEHOLDER_HOST =
  /^[<{$[].*[>}\]]$|^your[-_]?(?:cluster|host)|^my[-_]?(?:cluster|host)(?!\w*\.[a-z]*\d[a-z\d]*\.mongodb\.net$)|\.x{4,}\.mongodb\.net$|\.(?:your|example)[-\w]*\.mongodb\.net$|^<|>\.|<[\w-]*>/i;

function isPlaceholder(part: string): boolean {
  if (PLACEHOLDER.test(part) || VARIABLE.test(part)) return true;
  // A password of <…> that was escaped with care is one, unless it is the word of the page it was copied from.
  return /^%3C.*%3E$/i.test(part) && COPIED_PLACEHOLDER.test(part.replace(/^%3C/i, '<').replace(/%3E$/i, '>'));
}

function placeholders({ login, hosts, anatomy, settings }: LintSubject): readonly Said[] {
  const said: Said[] = [];
  const left = login?.written.filter(isPlaceholder) ?? [];
  if (left.length > 0 && left.every((part) => COPIED_PLACEHOLDER.test(part)))
    said.push({
      text: 'A placeholder stands in place of the user or the password, as in the string that Atlas shows.',
      fix: 'Fill in the user and the escaped password in your program. Here they may stay out.',
    });
  else if (login !== null && left.length > 0)
    said.push({
      text: 'A placeholder stands in place of the user or the password.',
      fix: 'Replace it, with its brackets, by the database user and the escaped password.',
      // `myuser` may be a real one.
      ...(left.every((part) => /^my/i.test(part)) && { severity: 'warning' }),
    });
  if (hosts.some((host) => host.kind !== 'ipv6' && (PLACEHOLDER_HOST.test(host.name) || hasPlaceholderPort(host))))
    said.push({
      text: 'A placeholder stands in place of a host.',
      fix: 'Copy the host from Atlas: Connect → Drivers.',
    });
  if (/^[<{].*[>}]$/.test(anatomy.path ?? ''))
    said.push({ text: 'A placeholder stands in place of the database.', fix: 'Write its name, or nothing.' });
  for (const { option, raw } of settings)
    if (/^<[\w -]{1,40}>$/.test(raw))
      said.push({
        text: `A placeholder stands in place of the value of ${option.name}.`,
        fix: `Write the value, or remove ${option.name}.`,
      });
  return said;
}

function saidOfUnescaped({ login }: LintSubject): Said {
  const [user = '', password = ''] = login?.written ?? [];
  const isUser = RESERVED.test(user);
  // A colon in the second part may be one in the user.
  const isPassword = !isUser && RESERVED.test(password) && !password.includes(':');
  const isUserAlone = isUser && !RESERVED.test(password) && login?.hasPassword === true;
  const who = isPassword ? 'The password' : isUserAlone ? 'The user' : 'The user or the password';
  return {
    text: `${who} has a character that must be escaped. The hosts begin behind the last @.`,
    fix: 'Write @ as %40, : as %3A, / as %2F, ? as %3F, # as %23, [ as %5B, ] as %5D and % as %25.',
  };
}

const RESERVED = /[:/?#[\]@]/;

function isUnescaped({ login, anatomy }: LintSubject): boolean {
  if (anatomy.isStrayAt) return true;
  if (login === null || login.written.some(isPlaceholder)) return false;
  return login.written.some((part) => RESERVED.test(part));
}

function isMalformed(part: string): boolean {
  if (isPlaceholder(part)) return false;
  return /%(?![0-9a-f]{2})/i.test(part) || isBrokenText(part);
}

function isBrokenText(part: string): boolean {
  try {
    decodeURIComponent(part.toWellFormed());
    return false;
  } catch {
    return true;
  }
}

/** One that holds a socket's path, or a placeholder, has a finding of its own. */
function hasWrongDatabase({ anatomy, database, located }: LintSubject): boolean {
  const { path, isUnsafe } = anatomy;
  if (isUnsafe || path === null || path === '' || isSocketPath(afterLogin(located.body)) || /^[<{].*[>}]$/.test(path))
    return false;
  return database === null || isWrongName(database);
}

/** https://www.mongodb.com/docs/manual/reference/limits/#naming-restrictions */
function isWrongName(database: string): boolean {
  return /[/\\\s"$]/.test(database) || database.length > 63;
}
