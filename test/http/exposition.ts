// Prometheus's text format, read strictly: what this does not understand a scraper would refuse.

export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (NaN|Nan|[+-]?Inf|[+-]?[\d.]+(?:e[+-]?\d+)?)$/i;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/y;

/** @throws where a line is none of the format, or stands under another family */
export function parseExposition(text: string): readonly Family[] {
  const families: { name: string; type: string; help: string; samples: Sample[] }[] = [];
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const help = /^# HELP (\S+) (.+)$/.exec(line);
    const type = /^# TYPE (\S+) (counter|gauge|histogram|summary|untyped)$/.exec(line);
    const family = families.at(-1);
    if (help !== null) families.push({ name: help[1] ?? '', help: help[2] ?? '', type: '', samples: [] });
    else if (type !== null && family !== undefined && family.name === type[1]) family.type = type[2] ?? '';
    else if (family === undefined) throw new Error(`of no family: ${line}`);
    else family.samples.push(sampleOf(line, family.name));
  }
  return families;
}

function sampleOf(line: string, family: string): Sample {
  const [, name = '', labels = '', value = ''] = SAMPLE.exec(line) ?? [];
  if (!new RegExp(`^${family}(_bucket|_sum|_count)?$`).test(name)) throw new Error(`not of ${family}: ${line}`);
  return { name, labels: labelsOf(labels), value: Number(value.replace('Inf', 'Infinity')) };
}

function labelsOf(text: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const match = LABEL.exec(text);
    if (match === null) throw new Error(`no labels: ${text}`);
    found[match[1] ?? ''] = (match[2] ?? '').replace(/\\(.)/g, (_, sign: string) => (sign === 'n' ? '\n' : sign));
  }
  return found;
}

/** The samples of one name, each as `label=value …` → figure. */
export function figures(families: readonly Family[], name: string): Readonly<Record<string, number>> {
  const samples = families.flatMap((family) => family.samples).filter((sample) => sample.name === name);
  return Object.fromEntries(
    samples.map(({ labels, value }) => [
      Object.entries(labels)
        .map(([key, word]) => `${key}=${word}`)
        .join(' '),
      value,
    ]),
  );
}
