// What every listener works with.

import type { Answers } from './command-router.ts';
import type { Alerting } from './features/alerts.ts';
import type { ShowHome } from './features/home.ts';
import type { Silencing } from './features/silences.ts';
import type { Forms } from './forms.ts';
import type { Identity } from './requests/decode.ts';
import type { Reception } from './requests/handle-request.ts';

export interface Floor {
  readonly reception: Reception;
  readonly answers: Answers;
  readonly alerting: Alerting;
  readonly silencing: Silencing;
  readonly forms: Forms;
  readonly showHome: ShowHome;
  readonly identity: Identity;
}
