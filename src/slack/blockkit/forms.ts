// The forms of the bot, and the fields that every form may have.

import { SILENCE_FORM } from './silence-fields.ts';

export const LINT_FORM = 'lint';
/** Their `callback_id`. A submission of another form is not the bot's. */
export const FORMS = [SILENCE_FORM, LINT_FORM] as const;
