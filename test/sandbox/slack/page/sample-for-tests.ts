// Messages as the bot sends them, for tests of the page and for looking at it.

import type { Fields } from './field.ts';

const ROWS = [
  ['Billing API', 4, 412, 72, 12, '6.8 ×'],
  ['Web EU', 21, 96, 36, 6, 'as usual'],
  ['anyone: app "etl"', 2, 60, 12, 2, 'new'],
  ['Kubernetes egress', 9, 58, 30, 5, 'as usual'],
  ['Reporting', 0, 41, 6, 1, 'as usual'],
  ['Search indexer', 12, 33, 12, 2, 'as usual'],
  ['Office VPN', 1, 14, 18, 3, 'as usual'],
  ['198.51.100.9 (unlisted)', 0, 12, 6, 1, '–'],
  ['Nightly backup', 0, 9, 6, 1, 'as usual'],
  ['2001:db8::10 (unlisted)', 0, 1005, 6, 1, '–'],
] as const;

const raw = (text: string): Fields => ({ type: 'raw_text', text });
const cell = (value: string | number): Fields =>
  typeof value === 'string' ? raw(value) : { type: 'raw_number', value, text: value.toLocaleString('en-US') };
const plain = (text: string): Fields => ({ type: 'plain_text', text });
const mrkdwn = (text: string): Fields => ({ type: 'mrkdwn', text });
const button = (text: string, action_id: string, more: Fields = {}): Fields => ({
  type: 'button',
  text: plain(text),
  action_id,
  value: `prod/${action_id}`,
  ...more,
});

const sourceTable: Fields = {
  type: 'data_table',
  caption: 'Sources of prod',
  page_size: 10,
  rows: [
    ['Source', 'Active', 'Dormant', 'Heartbeats', 'Clients', 'Against usual'].map(raw),
    ...ROWS.map((row) => row.map(cell)),
  ],
};

export const report: readonly Fields[] = [
  { type: 'header', text: plain('prod — 785 connections, busiest node at 31 %') },
  { type: 'section', text: mrkdwn('27 active · 580 dormant · 126 heartbeats · 46 internal · 6 own · on 3 nodes') },
  sourceTable,
  {
    type: 'section',
    text: mrkdwn(
      '*Billing API* holds 412 dormant, usual here on a Saturday 10:00 is 61. Since 09:55.\n' +
        '*198.51.100.9* is connected but no access list entry lets it in: an entry was removed or ran out while it stayed.\n' +
        '`analytics-2` was not read: timed out after 10 s. The numbers are those of the other nodes.',
    ),
  },
  {
    type: 'actions',
    block_id: 'acts',
    elements: [
      {
        type: 'static_select',
        action_id: 'choose_source',
        placeholder: plain('Choose a source'),
        options: ROWS.map(([name], at) => ({ text: plain(name), value: `s${at}` })),
      },
      button('Refresh', 'refresh'),
      button('Nodes', 'nodes'),
      button('Share', 'share', {
        style: 'primary',
        confirm: {
          title: plain('Share it?'),
          text: plain('All in the channel see it.'),
          confirm: plain('Share'),
          deny: plain('Keep'),
        },
      }),
    ],
  },
  {
    type: 'context',
    elements: [
      mrkdwn('read <!date^1700000000^{time_secs}|10:02:11> in 0.2 s · 3 of 4 nodes · access list of 10:00, 41 entries'),
    ],
  },
];

const series = (name: string, values: readonly number[]): Fields => ({
  name,
  data: values.map((value, at) => ({ label: `${at}:00`, value })),
});

export const source: readonly Fields[] = [
  {
    type: 'section',
    text: mrkdwn('*Billing API* · 203.0.113.0/24 on the access list (“Billing API”, no end date) · prod'),
  },
  { type: 'section', text: mrkdwn('4 active · 412 dormant · 72 heartbeats · 12 clients · 67 % of prod’s connections') },
  {
    type: 'data_visualization',
    title: 'Dormant, last 12 hours',
    chart: {
      type: 'line',
      series: [
        series('Dormant', [60, 58, 63, 61, 59, 64, 66, 62, 70, 180, 320, 412]),
        series('Usual', [58, 58, 60, 60, 60, 61, 62, 62, 62, 61, 61, 61]),
      ],
      axis_config: { categories: [...Array(12).keys()].map((hour) => `${hour}:00`) },
    },
  },
  {
    type: 'table',
    column_settings: [{ is_wrapped: true }, null, { align: 'right' }],
    rows: [
      ['App', 'Node', 'Dormant'].map(raw),
      [raw('billing'), raw('shard-00-00'), cell(212)],
      [raw('billing-worker'), raw('shard-00-01'), cell(200)],
    ],
  },
  { type: 'actions', elements: [button('Back', 'back'), button('Delete', 'delete', { style: 'danger' })] },
];

export const home: readonly Fields[] = [
  { type: 'header', text: plain('Clusters') },
  {
    type: 'section',
    text: mrkdwn('*prod* · busiest node at 31 %, fine\nBilling API 412 · Web EU 96 · etl 60'),
    accessory: button('Open report', 'open_cluster'),
  },
  { type: 'divider' },
  {
    type: 'section',
    text: mrkdwn('*staging* · busiest node at 82 %, tight\nLoad test 610 · CI 44'),
    accessory: button('Open report', 'open_cluster'),
  },
  {
    type: 'section',
    fields: [mrkdwn('*Version*\n0.1.0'), mrkdwn('*Last reading*\n10:02'), mrkdwn('*Not readable*\nnothing')],
  },
  { type: 'actions', elements: [button('Refresh', 'home_refresh')] },
  { type: 'context', elements: [mrkdwn('read 10:02:11 · rules: default')] },
];
