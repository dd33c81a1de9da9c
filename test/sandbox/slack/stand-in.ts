// The stand-in Slack as tests, the demo and its page know it. Types only; server.ts provides it.

export interface Person {
  readonly id: string;
  readonly name: string;
  /** Guests are restricted; people of another organisation have another team. */
  readonly guest?: boolean;
  readonly team?: string;
  /** Of the profile: an IANA name. */
  readonly zone?: string;
}

export interface Channel {
  readonly id: string;
  readonly name: string;
  readonly kind: 'public' | 'private' | 'direct';
  /** Shared with another organisation (Slack Connect). */
  readonly shared?: boolean;
  readonly members: readonly string[];
}

export interface Message {
  readonly ts: string;
  readonly channel: string;
  /** Person or bot. */
  readonly user: string;
  readonly text: string;
  readonly blocks: readonly Record<string, unknown>[];
  /** Only this person sees it; null for all. */
  readonly ephemeralTo: string | null;
  readonly threadTs: string | null;
  /** A reply that stands in the channel too. */
  readonly broadcast?: boolean;
  /** How often it was changed. */
  readonly edits: number;
  readonly metadata?: unknown;
}

export interface HomeTab {
  readonly blocks: readonly Record<string, unknown>[];
  readonly version: number;
}

/** What the app called, in order. */
export interface Call {
  readonly method: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** `ok`, or Slack's error. */
  readonly result: string;
}

/** One press or choice, as a person makes it. */
export interface Press {
  readonly user: string;
  /** The message; null for App Home. */
  readonly message: { readonly channel: string; readonly ts: string } | null;
  readonly actionId: string;
  readonly blockId?: string;
  /** The option chosen, for a select. */
  readonly option?: string;
}

/** What came of one delivery to the app. */
export interface Delivery {
  /** Whether the app acknowledged within 3 s. */
  readonly acknowledged: boolean;
  /** In milliseconds; null where it never did. */
  readonly tookMs: number | null;
}

/** What came of a submitted modal. */
export interface Submitted extends Delivery {
  /** What the app acknowledged with. */
  readonly answer: unknown;
  /** Slack's refusal of that answer: the person reads of trouble. */
  readonly refused: { readonly error: string } | null;
}

/** What a page needs beside, to show modals. */
export interface Modals {
  /** The one on top; `given` is the view as the app gave it. */
  modal(user: string): {
    readonly id: string;
    readonly blocks: readonly Record<string, unknown>[];
    readonly given: Readonly<Record<string, unknown>>;
  } | null;
  submit(user: string, values: Readonly<Record<string, unknown>>): Promise<Submitted>;
  closeModal(user: string): void;
}

export interface SlackStandIn {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** For SLACK_API_URL. */
  readonly apiUrl: string;
  readonly botToken: string;
  readonly appToken: string;
  readonly signingSecret: string;
  readonly botUser: string;
  readonly people: readonly Person[];
  readonly channels: readonly Channel[];
  readonly calls: readonly Call[];
  addPerson(person: Person): void;
  addChannel(channel: Channel): void;
  /** As if typed in a channel: `/atlas-conns prod`. */
  command(input: { readonly user: string; readonly channel: string; readonly text: string }): Promise<Delivery>;
  /** A message of a person, perhaps in a thread; `<@BOT>` in it mentions the app. */
  say(input: {
    readonly user: string;
    readonly channel: string;
    readonly text: string;
    readonly threadTs?: string;
  }): Promise<Delivery | null>;
  press(press: Press): Promise<Delivery>;
  openHome(user: string): Promise<Delivery>;
  /** What this person sees in a channel, oldest first, threads included. */
  messages(channel: string, asSeenBy: string): readonly Message[];
  home(user: string): HomeTab | null;
  /** Called after every change; returns how to stop. */
  onChange(listener: () => void): () => void;
  close(): Promise<void>;
}
