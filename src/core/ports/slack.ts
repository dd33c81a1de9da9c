// How Slack delivers: read by the configuration, used by the bot.

export type SlackTransport =
  | { readonly kind: 'socket'; readonly botToken: string; readonly appToken: string }
  | {
      readonly kind: 'http';
      readonly botToken: string;
      readonly signingSecret: string;
      readonly port: number;
      /** The address to listen on; all addresses of the machine when it is left out. */
      readonly host?: string;
    };
