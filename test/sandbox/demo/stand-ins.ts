// What the bot needs around it, without the bot: for whoever wants to install it before there is an Atlas or a Slack.

import { startProject } from '../project.ts';
import { slackPage } from '../slack/page/page.ts';
import { startSlack } from '../slack/server.ts';
import { happenings, outages } from './controls.ts';
import { channelOf } from './stage.ts';

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
  const slack = await startSlack({
    page: (standIn) => slackPage(standIn, { controls: [...happenings(project), ...outages(project, standIn)] }),
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
      await Promise.all([slack.close(), project.close()]);
    },
  };
}
