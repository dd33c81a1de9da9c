// Settings for the routes of alerts, and for the users to notify when a channel is gone.

import { z } from 'zod';
import { nearest } from '../core/base/fuzzy-match.ts';
import { RULE_NAMES } from '../core/detection/rules.ts';
import { channelId, httpUrl, pattern, section, text, userId } from './schemas.ts';

const isGlob = (word: string) => /[*?]/.test(word);

const ruleGlob = pattern.superRefine((word, context) => {
  if (isGlob(word) || RULE_NAMES.some((name) => name === word)) return;
  const near = nearest(word, RULE_NAMES);
  const message = `Expected one of ${RULE_NAMES.join(', ')}, or a pattern such as *-spike.`;
  context.addIssue({ code: 'custom', message: near === null ? message : `${message} Did you mean ${near}?` });
});

const goal = { channel: channelId.optional(), owner: text.optional(), runbook: httpUrl.optional() };
const part = {
  cluster: pattern.optional(),
  source: pattern.optional(),
  node: pattern.optional(),
  rule: ruleGlob.optional(),
};

export const routesSection = z.array(
  section({ ...part, ...goal }).refine(({ channel, owner, runbook }) => (channel ?? owner ?? runbook) !== undefined, {
    error: 'Expected at least one of channel, owner and runbook.',
  }),
);

export const fallbackSection = z.array(userId);
