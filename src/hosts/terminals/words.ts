import { isIssueKey, isTerminalName, parseSessionId } from '../../model/names';
import { UserError } from '../../model/errors';
import { isVariableName } from '../environment';
import type { TerminalSpec } from '../terminals';

/** What both kinds of terminals refuse, in the same words. */

export function checkName(name: string): string {
  if (isTerminalName(name)) return name;
  throw new UserError(
    `"${printable(name)}" cannot be the name of a terminal.`,
    'Use letters, digits, "-" and "_", beginning with a letter or digit.',
  );
}

export function checkSpec(spec: TerminalSpec): TerminalSpec {
  checkName(spec.name);
  if (spec.argv.length === 0 || spec.argv[0] === '')
    throw new UserError('There is no command to run in the terminal.', 'Name one.');
  for (const name of Object.keys(spec.env ?? {}))
    if (!isVariableName(name))
      throw new UserError(
        `"${printable(name)}" is not the name of a variable.`,
        'Use letters, digits and _.',
      );
  if ([...spec.argv, spec.directory, ...Object.values(spec.env ?? {})].some((word) => word.includes('\0')))
    throw new UserError('The command of the terminal holds a NUL character.', 'Remove it.');
  return spec;
}

export const noSuchTerminal = (name: string, host: string): UserError =>
  new UserError(`There is no terminal ${name} on ${host}.`, 'List the terminals to see which there are.');

export const endedTerminal = (name: string, host: string): UserError =>
  new UserError(`What ran in the terminal ${name} on ${host} has ended.`, 'Resume the session, then send.');

/** Text as it may be typed: an escape character could end the pasting and give commands. */
export const typed = (text: string): string =>
  text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[\p{Cc}\u2028\u2029]/gu, (c) => (c === '\n' || c === '\t' ? c : ''));

/** The task and session that a terminal was made for; what is not one is dropped. */
export function bindings(key: string, sessionId: string): { key?: string; sessionId?: string } {
  const id = parseSessionId(sessionId);
  return { ...(isIssueKey(key) ? { key } : {}), ...(id ? { sessionId: id } : {}) };
}

/** Between a pasted text and Enter: a program that still reads the paste takes the Enter for a part of it. */
export const beforeEnterMs = 150;

const printable = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}]/gu, '?').slice(0, 80);
