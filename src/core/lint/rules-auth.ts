// Rules about authentication and TLS.

import { statusOf } from '../drivers/options.ts';
import { type LintRule, type Said, withOption, without } from './rule.ts';
import { isAtlasMember, type LintSubject } from './subject.ts';

const AUTH = 'authentication specification';
const ATLAS = 'Atlas documentation';

const EXTERNAL = ['MONGODB-X509', 'MONGODB-AWS', 'MONGODB-OIDC', 'GSSAPI'];
const CANONICALIZE = ['none', 'forward', 'forwardAndReverse', 'true', 'false'];

/** The old names are those of some drivers. */
const INSECURE = [
  'tlsInsecure',
  'tlsAllowInvalidCertificates',
  'tlsAllowInvalidHostnames',
  'sslInsecure',
  'sslAllowInvalidCertificates',
  'sslAllowInvalidHostnames',
  'sslInvalidHostnameAllowed',
];

export const AUTH_RULES: readonly LintRule[] = [
  {
    id: 'auth-source-database',
    severity: 'warning',
    source: ATLAS,
    find: (subject) => wrongSource(subject),
    repair: (draft, { isAtlas, srv }) => {
      if (!isAtlas) return;
      if (srv) without(draft, 'authSource');
      else withOption(draft, 'authSource', 'admin');
    },
  },
  {
    id: 'auth-external-required',
    severity: 'error',
    breaks: true,
    source: AUTH,
    find: ({ mechanism, text }) => {
      const source = text('authSource');
      return mechanism !== null && EXTERNAL.includes(mechanism) && source !== null && source !== '$external'
        ? {
            text: `authMechanism=${mechanism} needs authSource=$external.`,
            fix: 'Write authSource=$external, or remove authSource.',
          }
        : null;
    },
    repair: (draft) => withOption(draft, 'authSource', '$external'),
  },
  {
    id: 'auth-aws-userinfo',
    severity: 'warning',
    source: AUTH,
    find: (subject) => awsLogin(subject),
    repair: (draft) => {
      draft.login = null;
      without(draft, 'authMechanismProperties');
    },
  },
  {
    id: 'auth-x509-no-tls',
    severity: 'warning',
    source: AUTH,
    find: ({ mechanism, tls, srv }) =>
      mechanism === 'MONGODB-X509' && !(tls ?? srv)
        ? {
            text: 'MONGODB-X509 needs TLS: the certificate says who asks.',
            fix: 'Add tls=true and tlsCertificateKeyFile.',
          }
        : null,
    repair: (draft) => {
      without(draft, 'ssl');
      withOption(draft, 'tls', 'true');
    },
  },
  {
    id: 'auth-plain-no-tls',
    severity: 'error',
    source: AUTH,
    find: ({ mechanism, tls, srv }) =>
      mechanism === 'PLAIN' && !(tls ?? srv)
        ? { text: 'PLAIN sends the password in clear text, and the string has no TLS.', fix: 'Add tls=true.' }
        : null,
    repair: (draft) => {
      without(draft, 'ssl');
      withOption(draft, 'tls', 'true');
    },
  },
  {
    id: 'auth-mechanism-removed',
    severity: 'error',
    breaks: true,
    source: 'driver source',
    find: ({ setting }) =>
      setting('authMechanism')?.raw.toUpperCase() === 'MONGODB-CR'
        ? {
            text: 'No server and no driver has the mechanism MONGODB-CR any more.',
            fix: 'Remove authMechanism: driver and server agree on SCRAM.',
          }
        : null,
    repair: (draft) => without(draft, 'authMechanism'),
  },
  {
    id: 'atlas-account-as-user',
    severity: 'info',
    source: ATLAS,
    find: ({ isAtlas, login }) =>
      isAtlas && /^[^@]{1,200}@[^@]{1,200}\.[^@]{1,60}$/.test(login?.user ?? '')
        ? {
            text: 'The user is an e-mail address. The account of the Atlas website is not a database user.',
            fix: 'Use a user from Atlas: Security → Database Access.',
          }
        : null,
  },
  {
    id: 'value-invalid',
    severity: 'error',
    breaks: true,
    source: AUTH,
    find: (subject) => [...wrongProperties(subject), ...wrongLogin(subject)],
    repair: (draft, { mechanism, login }) => {
      if (mechanism === 'MONGODB-X509' && login?.hasPassword === true) draft.login = '<user>';
      else if (mechanism === 'MONGODB-OIDC' && login !== null) draft.login = null;
    },
  },
  {
    id: 'tls-off',
    severity: 'error',
    source: ATLAS,
    find: ({ isAtlas, tls }) =>
      isAtlas && tls === false
        ? {
            text: 'TLS is off. Atlas closes connections without TLS.',
            fix: 'Remove tls=false: mongodb+srv:// turns TLS on.',
          }
        : null,
    repair: (draft) => {
      without(draft, 'ssl');
      withOption(draft, 'tls', 'true');
    },
  },
  {
    id: 'tls-missing',
    severity: 'error',
    source: ATLAS,
    find: (subject) => missingTls(subject),
    repair: (draft) => withOption(draft, 'tls', 'true'),
  },
  {
    id: 'tls-insecure',
    severity: 'warning',
    source: 'URI options specification',
    find: ({ settings, context }) =>
      settings
        .filter(({ option, value }) => value === true && INSECURE.includes(option.name))
        .filter(({ option }) => ['known', 'deprecated'].includes(statusOf(option, context.driver)))
        .map(({ option: { name } }) => ({
          text: `${name}=true turns off checks of TLS: others can read and change what is sent.`,
          fix: `Remove ${name}. For a certificate authority of your own, set tlsCAFile.`,
        })),
    repair: (draft) => without(draft, ...INSECURE),
  },
];

/** Users of Atlas live in admin. The TXT record of mongodb+srv:// says so; a string with hosts must. */
function wrongSource({ isAtlas, srv, login, text, database, mechanism, has, hosts }: LintSubject): Said | null {
  if (login === null || (mechanism !== null && EXTERNAL.includes(mechanism))) return null;
  if (isAtlas && srv) {
    const source = text('authSource');
    return source === null || source === 'admin' || source === '$external'
      ? null
      : {
          text: 'Users of Atlas are in the database admin, and authSource names another.',
          fix: 'Remove authSource: mongodb+srv:// brings admin.',
        };
  }
  if (isAtlas) {
    // A name with SRV records needs another scheme, which brings admin.
    if (!hasMembers(hosts)) return null;
    const source = text('authSource') ?? database ?? 'admin';
    return source === 'admin' || source === '$external'
      ? null
      : {
          text: 'Users of Atlas are in the database admin. Without mongodb+srv://, drivers look in the database of the string.',
          fix: 'Add authSource=admin, or use the mongodb+srv:// string.',
        };
  }
  return database === null || database === 'admin' || has('authSource') || has('authMechanism')
    ? null
    : {
        text: 'Drivers look for the user in the database of the string, because authSource is not set.',
        fix: 'Add authSource=admin if the user was created there.',
        severity: 'info',
      };
}

/**
 * The specification's cases accept temporary keys (a pair with its token) and an escaped pair, and refuse a plain pair,
 * a user and a token alone. Node.js 7 refuses all of them, and PyMongo accepts pairs.
 */
function awsLogin({ mechanism, login, setting, context }: LintSubject): Said | null {
  if (mechanism !== 'MONGODB-AWS') return null;
  const hasToken = /AWS_SESSION_TOKEN/i.test(setting('authMechanismProperties')?.raw ?? '');
  if (login === null && !hasToken) return null;
  const isPair = login?.hasPassword === true;
  const isAccepted = isPair && (hasToken || login.written.every((part) => part.includes('%')));
  return {
    text: 'Keys of AWS stand in the connection string. Node.js refuses that, and they end up where strings do.',
    fix: 'Remove them. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use a role.',
    breaks: !isAccepted,
    severity: isAccepted && context.driver !== 'node' ? 'warning' : 'error',
  };
}

function propertiesOf({ setting }: LintSubject): Readonly<Record<string, unknown>> | null {
  const found = setting('authMechanismProperties');
  if (found === null) return {};
  return typeof found.value === 'object' && found.value !== null && !Array.isArray(found.value)
    ? Object.fromEntries(Object.entries(found.value))
    : null;
}

function wrongProperties(subject: LintSubject): readonly Said[] {
  const { mechanism, login } = subject;
  const properties = propertiesOf(subject);
  // Malformed ones have a finding already, and drivers ignore them.
  if (properties === null) return [];
  const canonicalize = properties['CANONICALIZE_HOST_NAME'];
  if (mechanism === 'GSSAPI' && canonicalize !== undefined && !CANONICALIZE.includes(String(canonicalize)))
    return [{ text: 'CANONICALIZE_HOST_NAME has an unknown value.', fix: 'Write none, forward or forwardAndReverse.' }];
  if (mechanism !== 'MONGODB-OIDC') return [];
  const environment = String(properties['ENVIRONMENT'] ?? '');
  if (!['azure', 'gcp', 'k8s', 'test'].includes(environment))
    return [
      {
        text: 'authMechanism=MONGODB-OIDC needs an ENVIRONMENT.',
        fix: 'Add authMechanismProperties=ENVIRONMENT:k8s, or azure or gcp with a TOKEN_RESOURCE.',
      },
    ];
  if ((environment === 'azure' || environment === 'gcp') && properties['TOKEN_RESOURCE'] === undefined)
    return [
      {
        text: `authMechanism=MONGODB-OIDC needs a TOKEN_RESOURCE with ENVIRONMENT:${environment}.`,
        fix: `Write authMechanismProperties=ENVIRONMENT:${environment},TOKEN_RESOURCE:AUDIENCE.`,
      },
    ];
  return login !== null && environment !== 'azure' && !login.hasPassword
    ? [{ text: `authMechanism=MONGODB-OIDC takes no user with ENVIRONMENT:${environment}.`, fix: 'Remove the user.' }]
    : [];
}

function wrongLogin({ mechanism, login }: LintSubject): readonly Said[] {
  if (login?.hasPassword !== true || (mechanism !== 'MONGODB-X509' && mechanism !== 'MONGODB-OIDC')) return [];
  return [
    {
      text: `authMechanism=${mechanism} takes no password.`,
      fix:
        mechanism === 'MONGODB-X509'
          ? 'Remove it: the certificate says who asks.'
          : 'Remove the user and the password.',
    },
  ];
}

function hasMembers(hosts: LintSubject['hosts']): boolean {
  return hosts.length > 1 || hosts.some(({ name }) => isAtlasMember(name));
}

const FILES = ['tlsCAFile', 'tlsCertificateKeyFile', 'tlsCRLFile'];

function missingTls({ isAtlas, srv, tls, has, hosts }: LintSubject): Said | null {
  if (srv || tls !== null || has('tls') || has('ssl')) return null;
  // A name with SRV records needs another scheme, which turns TLS on.
  if (isAtlas && hasMembers(hosts))
    return {
      text: 'Atlas closes connections without TLS. Only mongodb+srv:// turns it on by itself.',
      fix: 'Add tls=true, or use the mongodb+srv:// string.',
    };
  const files = FILES.filter(has);
  return files.length === 0
    ? null
    : { text: `Without tls=true, nothing reads ${files.join(', ')}.`, fix: 'Add tls=true.', severity: 'warning' };
}
