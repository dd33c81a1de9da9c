// What the bot token may do unless a test says otherwise: all that manifest.yml asks for, and no more.

export const DEFAULT_SCOPES: readonly string[] = [
  'app_mentions:read',
  'channels:history',
  'channels:read',
  'chat:write',
  'commands',
  'groups:history',
  'groups:read',
  'im:history',
  'usergroups:read',
  'users:read',
];
