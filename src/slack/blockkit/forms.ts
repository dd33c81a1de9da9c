// The forms of the bot, and the fields that every form may have.

import { SILENCE_FORM } from './silence-fields.ts';

export const LINT_FORM = 'lint';
/** A fleet that does not exist yet; and its forecast, which leads back to the form. */
export const WHAT_IF_FORM = 'what_if';
export const WHAT_IF_ANSWER = 'what_if_answer';
/** Their `callback_id`. A submission of another form is not the bot's. */
export const FORMS = [SILENCE_FORM, LINT_FORM, WHAT_IF_FORM, WHAT_IF_ANSWER] as const;
