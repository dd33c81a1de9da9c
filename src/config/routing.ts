// Where alerts go, by all that the settings say of it.

import type { Route, RoutingSettings } from '../core/alerting/routing.ts';
import type { FileSettings } from './file.ts';
import type { Values } from './variables.ts';

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
