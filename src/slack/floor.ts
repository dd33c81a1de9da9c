// What every listener works with.

import type { Alerting } from './alerting.ts';
import type { Answers } from './answers.ts';
import type { Identity } from './decode.ts';
import type { Forms } from './forms.ts';
import type { ShowHome } from './home.ts';
import type { Reception } from './reception.ts';
import type { Silencing } from './silencing.ts';

export interface Floor {
  readonly reception: Reception;
  readonly answers: Answers;
  readonly alerting: Alerting;
  readonly silencing: Silencing;
  readonly forms: Forms;
  readonly showHome: ShowHome;
  readonly identity: Identity;
}
