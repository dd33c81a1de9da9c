// Where alerts go: Slack's channels and routes, and what labels and overrides of rules say of their part.

import { z } from 'zod';
import { nearest } from '../core/nearest.ts';
import type { Route, RoutingSettings } from '../core/routing.ts';
import { RULE_NAMES } from '../core/rule.ts';
import type { FileSettings } from './file.ts';
import type { Values } from './settings.ts';
import { channelId, httpUrl, section, text, userId } from './shapes.ts';

const isGlob = (word: string) => /[*?]/.test(word);

const ruleGlob = text.superRefine((word, context) => {
  if (isGlob(word) || RULE_NAMES.some((name) => name === word)) return;
  const near = nearest(word, RULE_NAMES);
  const message = `Expected one of ${RULE_NAMES.join(', ')}, or a pattern such as *-spike.`;
  context.addIssue({ code: 'custom', message: near === null ? message : `${message} Did you mean ${near}?` });
});

const goal = { channel: channelId.optional(), owner: text.optional(), runbook: httpUrl.optional() };
const part = {
  cluster: text.optional(),
  source: text.optional(),
  node: text.optional(),
  rule: ruleGlob.optional(),
};

export const routesSection = z.array(
  section({ ...part, ...goal }).refine(({ channel, owner, runbook }) => (channel ?? owner ?? runbook) !== undefined, {
    error: 'Expected at least one of channel, owner and runbook: a route leads somewhere.',
  }),
);

export const fallbackSection = z.array(userId);

/** Labels first, then overrides of rules, then routes: the more it is about routing, the more it counts. */
export function routingOf(settings: FileSettings, values: Values): RoutingSettings {
  const { slack, labels = [], rules } = settings;
  const routes = [
    ...labels.map(({ cidr, ...label }) => routeOf({ ...label, source: cidr })),
    ...(rules?.overrides ?? []).map(routeOf),
    ...(slack?.routes ?? []).map(routeOf),
  ];
  return {
    channel: slack?.channel ?? values.SLACK_ALERT_CHANNEL ?? null,
    critical: { channel: slack?.critical?.channel ?? null, mention: slack?.critical?.mention ?? null },
    routes: routes.filter(({ channel, owner, runbook }) => (channel ?? owner ?? runbook) !== null),
    fallback: slack?.fallback ?? [],
  };
}

function routeOf(set: { readonly [Field in keyof Route]?: Route[Field] | undefined }): Route {
  const { cluster = null, source = null, node = null, rule = null } = set;
  const { channel = null, owner = null, runbook = null } = set;
  return { cluster, source, node, rule, channel, owner, runbook };
}
