// What every listener works with.

import type { Answers } from './answers.ts';
import type { Identity } from './decode.ts';
import type { ShowHome } from './home.ts';
import type { Reception } from './reception.ts';

export interface Floor {
  readonly reception: Reception;
  readonly answers: Answers;
  readonly showHome: ShowHome;
  readonly identity: Identity;
}
