// A real Bolt app on the stand-in, as tests of the stand-in need it.

import type { AddressInfo } from 'node:net';
import { App, HTTPReceiver, LogLevel, SocketModeReceiver } from '@slack/bolt';
import type { SlackControls } from './server.ts';
import type { SlackStandIn } from './stand-in.ts';

export interface BoltApp {
  readonly app: App;
  close(): Promise<void>;
}

/** Bolt would repeat what failed for half an hour; tests want the failure. */
function clientOptions(slack: SlackStandIn) {
  return { slackApiUrl: slack.apiUrl, timeout: 10_000, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true };
}

/** Starts Bolt in Socket Mode once `listen` has set its listeners; resolves when it is connected. */
export async function boltBySocket(slack: SlackStandIn & SlackControls, listen: (app: App) => void): Promise<BoltApp> {
  const receiver = new SocketModeReceiver({
    appToken: slack.appToken,
    logLevel: LogLevel.ERROR,
    // How long the client waits before it comes back after a disconnect: five seconds unless told.
    clientPingTimeout: 1000,
    // The receiver has no clientOptions of its own; these reach its socket client.
    installerOptions: { clientOptions: clientOptions(slack) },
  });
  const app = boltApp(slack, receiver);
  listen(app);
  await app.start();
  return { app, close: async () => void (await app.stop()) };
}

/** Starts Bolt behind HTTP on a free port and tells the stand-in where that is. */
export async function boltByHttp(slack: SlackStandIn & SlackControls, listen: (app: App) => void): Promise<BoltApp> {
  const receiver = new HTTPReceiver({ signingSecret: slack.signingSecret, logLevel: LogLevel.ERROR });
  const app = boltApp(slack, receiver);
  listen(app);
  const server = await receiver.start({ port: 0, host: '127.0.0.1' });
  slack.deliverTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`);
  return { app, close: async () => void (await receiver.stop()) };
}

function boltApp(slack: SlackStandIn, receiver: SocketModeReceiver | HTTPReceiver): App {
  return new App({
    token: slack.botToken,
    receiver,
    convoStore: false,
    logLevel: LogLevel.ERROR,
    clientOptions: clientOptions(slack),
  });
}
