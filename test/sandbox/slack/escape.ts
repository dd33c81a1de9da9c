// What Slack makes of what a person types.

import type { Workspace } from './workspace.ts';

const LINK = /\b(?:https?|mongodb(?:\+srv)?):\/\/[^\s<>|]+/g;
const BARE_DOMAIN = /(?<![\w@./:|<-])(?:[a-z0-9-]+\.)+(?:com|net|org|io|dev|eu|de)(?:\/[^\s<>|]*)?(?![\w@-])/g;
/** A mention that was picked from Slack's list rather than typed. */
const PICKED = /<[@#!][^>]+>/g;

/** `&`, `<`, `>` as entities; links, `@name` and `#channel` in angle brackets; `names`: mentions say the name too. */
export function escapeTyped(typed: string, workspace: Workspace, names: boolean): string {
  const kept: string[] = [];
  const keep = (text: string) => `\u0000${kept.push(text) - 1}\u0000`;
  const marked = typed
    .replace(PICKED, keep)
    .replace(LINK, (link) => keep(`<${entities(link)}>`))
    .replace(BARE_DOMAIN, (domain) => keep(`<http://${domain}|${domain}>`))
    .replace(/(?<![\w.])@([\w.-]+)/g, (all, name: string) => {
      const person = [...workspace.people.values()].find((one) => one.name === name);
      return person === undefined ? all : keep(names ? `<@${person.id}|${name}>` : `<@${person.id}>`);
    })
    .replace(/(?<![\w&])#([\w-]+)/g, (all, name: string) => {
      const channel = [...workspace.channels.values()].find((one) => one.name === name && one.kind !== 'direct');
      return channel === undefined ? all : keep(`<#${channel.id}|${name}>`);
    });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the mark of what is kept, which nobody types.
  return entities(marked).replace(/\u0000(\d+)\u0000/g, (_all, index: string) => kept[Number(index)] ?? '');
}

function entities(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
