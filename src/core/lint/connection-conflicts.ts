// Options of a connection string that contradict one another or the rest of it.

import { error, MECHANISMS, type Options, type Written, warning } from './connection-options.ts';
import { FORM } from './connection-parts.ts';
import type { LintFinding } from './report.ts';

interface Given {
  readonly srv: boolean;
  readonly hosts: readonly string[];
  readonly user: string | null;
  readonly hasPassword: boolean;
  readonly options: Options;
  readonly written: Written;
}

type Row = readonly [id: string, isThere: boolean, text: string, fix: string];

export function conflictsOf(given: Given): readonly LintFinding[] {
  const errors = [...ofShape(given), ...ofAuthentication(given)];
  return [
    ...errors.flatMap(([id, isThere, text, fix]) => (isThere ? [error(id, text, fix)] : [])),
    ...pointless(given).flatMap(([id, isThere, text, fix]) => (isThere ? [warning(id, text, fix)] : [])),
  ];
}

/** Options that do not prevent a reading, but do not have the expected effect. */
function pointless({ srv, options, written }: Given): readonly Row[] {
  const limit = written.some(([name, value]) => name.toLowerCase() === 'srvmaxhosts' && value !== '0');
  const isOut = !srv || options.has('replicaSet') || options.get('loadBalanced') === 'true';
  const files = ['tlsCAFile', 'tlsCRLFile', 'tlsCertificateKeyFile'].filter((name) => options.has(name));
  const isPlain = !srv && !options.has('tls') && !options.has('ssl');
  return [
    [
      'conflict-srv-max-hosts',
      limit && isOut,
      'srvMaxHosts is left out: it is for mongodb+srv:// without replicaSet and loadBalanced.',
      'Remove it.',
    ],
    [
      'tls-missing',
      isPlain && files.length > 0,
      `Without tls=true nothing reads ${files.join(', ')}.`,
      'Add tls=true.',
    ],
  ];
}

function ofShape({ srv, hosts, options }: Given): readonly Row[] {
  const is = (name: string) => options.get(name) === 'true';
  const has = (name: string) => options.has(name);
  const several = hosts.length > 1;
  const tls = has('tls') && has('ssl') && options.get('tls') !== options.get('ssl');
  const lax = has('tlsAllowInvalidCertificates') || has('tlsAllowInvalidHostnames');
  const proxy = ['proxyPort', 'proxyUsername', 'proxyPassword'].some(has);
  const srvOptions = ['srvServiceName', 'srvAllowedHostsSuffix'].some(has);
  const balanced = several || has('replicaSet') || is('directConnection');
  return [
    [
      'conflict-direct-srv',
      srv && is('directConnection'),
      'directConnection=true cannot stand in a mongodb+srv:// string.',
      'Remove it, or use mongodb:// with the one host.',
    ],
    [
      'conflict-direct-hosts',
      !srv && several && is('directConnection'),
      'directConnection=true is for one host, and there are several.',
      'Remove it, or all hosts but one.',
    ],
    [
      'conflict-load-balanced',
      is('loadBalanced') && balanced,
      'loadBalanced=true cannot stand beside replicaSet, directConnection=true or a second host.',
      'Remove loadBalanced, or the others.',
    ],
    ['conflict-tls', tls, 'The options tls and ssl contradict each other.', 'Remove ssl.'],
    [
      'conflict-tls',
      has('tlsInsecure') && lax,
      'tlsInsecure cannot stand beside tlsAllowInvalidCertificates or tlsAllowInvalidHostnames.',
      'Remove tlsInsecure.',
    ],
    [
      'conflict-proxy',
      proxy && !has('proxyHost'),
      'Options of a proxy stand without proxyHost.',
      'Add proxyHost, or remove them.',
    ],
    [
      'conflict-proxy',
      has('proxyUsername') !== has('proxyPassword'),
      'Only one of proxyUsername and proxyPassword is there.',
      'Write both, or none.',
    ],
    [
      'conflict-srv-option-without-srv',
      !srv && srvOptions,
      'srvServiceName or srvAllowedHostsSuffix stands in a mongodb:// string.',
      'Remove them, or use mongodb+srv://.',
    ],
  ];
}

const WITH_USER = ['SCRAM-SHA-1', 'SCRAM-SHA-256', 'PLAIN', 'GSSAPI'];
const EXTERNAL = ['MONGODB-X509', 'MONGODB-AWS', 'MONGODB-OIDC', 'GSSAPI'];

function ofAuthentication({ user, hasPassword, options }: Given): readonly Row[] {
  const mechanism = MECHANISMS.find((one) => one === options.get('authMechanism')?.toUpperCase());
  if (mechanism === undefined) return [];
  const name = `authMechanism=${mechanism}`;
  const source = options.get('authSource') ?? '$external';
  const environment = /(^|,)ENVIRONMENT:/.test(options.get('authMechanismProperties') ?? '');
  return [
    ['username-missing', user === null && WITH_USER.includes(mechanism), `${name} needs a user.`, FORM],
    [
      'auth-external-required',
      EXTERNAL.includes(mechanism) && source !== '$external',
      `${name} needs the authSource $external.`,
      'Remove authSource.',
    ],
    [
      'auth-aws-userinfo',
      mechanism === 'MONGODB-AWS' && user !== null,
      `${name} takes no user and password from the connection string.`,
      'Remove them, and set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use a role.',
    ],
    [
      'value-invalid',
      mechanism === 'MONGODB-X509' && hasPassword,
      `${name} takes no password.`,
      'Remove it: the certificate in tlsCertificateKeyFile says who asks.',
    ],
    [
      'value-invalid',
      mechanism === 'MONGODB-OIDC' && !environment,
      `${name} needs an ENVIRONMENT.`,
      'Add authMechanismProperties=ENVIRONMENT:k8s, or azure or gcp with a TOKEN_RESOURCE.',
    ],
  ];
}
