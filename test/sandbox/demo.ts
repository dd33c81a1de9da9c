// `npm run demo`: a stand-in Atlas project, a stand-in Slack with a page to type and click in, and the real bot between
// them. `-- --once` holds a scripted conversation and ends; `-- --report` shows the terminal instead.

import { parseArgs } from 'node:util';
import { startBot } from './demo/bot.ts';
import { converse } from './demo/conversation.ts';
import { showTerminal } from './demo/terminal.ts';
import { startProject } from './project.ts';
import { slackPage } from './slack/page/page.ts';
import { startSlack } from './slack/server.ts';

const { values } = parseArgs({ options: { once: { type: 'boolean' }, report: { type: 'boolean' } } });
const say = (text: string) => process.stdout.write(`${text}\n`);
const closers: (() => Promise<void>)[] = [];

const project = await startProject();
closers.push(() => project.close());
try {
  if (values.report === true) await showTerminal(project, say);
  else await showSlack();
} finally {
  for (const close of closers.toReversed()) await close();
}

async function showSlack(): Promise<void> {
  const prod = project.scenario.cluster('prod');
  const controls = [
    { id: 'spike', label: 'Billing API spikes', run: async () => prod.spike('Billing API', 6) },
    { id: 'calm', label: 'Billing API calms down', run: async () => prod.calm('Billing API') },
    { id: 'election', label: 'An election', run: async () => prod.election() },
    { id: 'lose', label: 'A node is lost', run: () => prod.lostNode(2) },
    { id: 'back', label: 'The node is back', run: () => prod.nodeBack(2) },
  ];
  const slack = await startSlack({ page: (standIn) => slackPage(standIn, { controls }) });
  closers.push(() => slack.close());
  const bot = await startBot({ project, slack });
  closers.push(() => bot.close());
  if (values.once === true) return converse({ slack, prod, say });
  say('\nThe bot runs: its Slack, its Atlas project and its three clusters are stand-ins on this machine.');
  say(`\n    ${slack.url}\n\nOpen it and type /atlas-conns prod. Ctrl-C ends everything.\n`);
  await Promise.race([stopped(), bot.ended]);
}

function stopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => resolve());
  });
}
