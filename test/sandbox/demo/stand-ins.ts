// What the bot needs around it, without the bot: for whoever wants to install it before there is an Atlas or a Slack.

import { wait } from '../../../src/core/base/clock.ts';
import { startProject } from '../project.ts';
import { slackPage } from '../slack/page/page.ts';
import { startSlack } from '../slack/server.ts';
import { happenings, type Outlook, outages, wallTime } from './controls.ts';
import { ALERTS, channelOf } from './stage.ts';

export interface StandIns {
  /** Of the page to type and click in. */
  readonly url: string;
  /** The settings that lead to them, as a `.env` and `docker run --env-file` have them. */
  readonly dotEnv: string;
  close(): Promise<void>;
}

/** In real time; the caller closes it. */
export async function openStandIns(): Promise<StandIns> {
  const project = await startProject();
  const outlook: Outlook = { channel: ALERTS, hasPast: false, after: (minutes) => wallTime(minutes, 1) };
  const ending = new AbortController();
  const clock = { now: () => new Date(), wait };
  const happening = happenings(project, { outlook, clock, ending: ending.signal });
  const slack = await startSlack({
    page: (standIn) => slackPage(standIn, { controls: [...happening, ...outages(project, standIn)] }),
  });
  const env = {
    ...project.env,
    SLACK_API_URL: slack.apiUrl,
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_ALERT_CHANNEL: channelOf(slack),
  };
  return {
    url: slack.url,
    dotEnv: Object.entries(env)
      .map(([name, value]) => `${name}=${value}`)
      .join('\n'),
    async close() {
      ending.abort();
      await Promise.all([slack.close(), project.close()]);
    },
  };
}
