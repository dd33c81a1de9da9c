// Credentials in connection strings, which are shown nowhere, whoever brought them.

export const REDACTED = '[redacted]';

/** From the scheme to the last @ of the word: a password that should have been escaped may hold any character but a blank. */
const credentials = /(mongodb(?:\+srv)?:\/\/)\S*@/gi;

/** The same text, with `mongodb://[redacted]@…` for every connection string with a user. */
export function withoutCredentials(text: string): string {
  return text.replace(credentials, `$1${REDACTED}@`);
}
