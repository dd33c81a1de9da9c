// Secrets that are known beforehand, and every way in which one of them could stand in a text.

/** Within every secret: letters and digits alone, so that no escaping changes them, and nothing else is alike. */
const CORES = {
  atlasSecret: 'Qz7AtlasSecretVx3k',
  privateKey: 'Qz7PrivateKeyWm8r',
  password: 'Qz7PasswordTb5nLq',
  uriPassword: 'Qz7UriPasswordHc2s',
  storePassword: 'Qz7StoreWordJd9f',
  botToken: 'Qz7BotTokenRk4gPv',
  appToken: 'Qz7AppTokenYn6hZt',
  signing: 'Qz7SigningFs3jBw',
  filled: 'Qz7FilledInMx5cGd',
} as const;
export type SecretName = keyof typeof CORES;

/** With whatever breaks an escaping that was forgotten. */
export const SECRETS: Readonly<Record<SecretName, string>> = {
  ...CORES,
  atlasSecret: `a"'${CORES.atlasSecret}\\$&`,
  privateKey: `${CORES.privateKey}: {x}`,
  password: `p@s:s/w?ö r#d%41 ${CORES.password}<&>`,
  uriPassword: `u@s:/?#[]%20${CORES.uriPassword}+ä`,
  storePassword: `%${CORES.storePassword}@@/`,
  botToken: `xoxb-1-2-${CORES.botToken}`,
  appToken: `xapp-1-${CORES.appToken}`,
  signing: `${CORES.signing}\t"`,
  filled: `- ]}'"${CORES.filled}: *x`,
};

/** A part this long of a secret is a leak, too: a cut text or a split one hides nothing. */
const TELLING = 12;

/** The names of the secrets that stand in the text: as they are, in a URL, in JSON, in base64, in part, or turned around. */
export function leaksIn(text: string): readonly SecretName[] {
  const names = Object.keys(CORES).filter((name): name is SecretName => name in CORES);
  return names.filter((name) => spellingsOf(CORES[name]).some((spelling) => text.includes(spelling)));
}

function spellingsOf(core: string): readonly string[] {
  const parts = [core.slice(0, TELLING), core.slice(-TELLING)];
  return [...parts, ...parts.map(hex), ...parts.flatMap(base64)];
}

const hex = (text: string): string => Buffer.from(text).toString('hex');

/** In base64 a text looks different at each of three places; at the edges its neighbours have their part in it. */
function base64(text: string): readonly string[] {
  return [0, 1, 2].map((place) => {
    const whole = Buffer.from('x'.repeat(place) + text).toString('base64');
    return whole.slice(place === 0 ? 0 : 4, whole.length - 4);
  });
}
