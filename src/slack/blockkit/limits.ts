// Slack's limits, in UTF-16 units and pieces. The smaller number wins if documents disagree, or if Slack was seen to
// refuse less than it documents. https://docs.slack.dev/reference/block-kit

export const LIMITS = {
  messageBlocks: 50,
  /** Of App Home and of a modal. */
  homeBlocks: 100,
  /** Everything drawn in one message. From about 11,300 on, Slack refuses with `msg_blocks_too_long`; undocumented. */
  drawn: 10_000,
  /** Our own limit for one block of sentences, so that a table and two of them fit. */
  prose: 4_000,
  /** `text` of a message; chat.update refuses more than about 4,000. */
  messageText: 3_900,
  header: 150,
  contextText: 3_000,
  /** Our own limit for the small lines of one block together. */
  notes: 2_000,
  contextElements: 10,
  actions: 25,
  buttonWord: 75,
  accessibilityLabel: 75,
  confirmTitle: 100,
  confirmText: 300,
  confirmWord: 30,
  optionText: 75,
  optionValue: 75,
  options: 100,
  placeholder: 150,
  /** Rows below the header: a data_table takes 101 in all, a table 100. */
  dataTableRows: 100,
  tableRows: 99,
  /** For all cells together. */
  tableCharacters: 10_000,
  /** Points of one series: one for each category. */
  chartPoints: 20,
  chartLines: 6,
  chartLabel: 20,
  chartTitle: 50,
} as const;
