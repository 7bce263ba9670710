import { codeBlock, escapeInline } from '../../../../util/markdownText';
import type { Clipped } from '../entry';
import type { LeftTurns } from './lineage';

/** A piece of a rendered conversation; blank lines stand between two of them. */
export interface Block {
  markdown: string;
  /** Everything below its first line is detail. */
  isFolded: boolean;
  /** The turn that begins here. */
  turn?: number;
  /** Turns above that are no part of the conversation any more. */
  leaves?: LeftTurns;
}

export const block = (markdown: string): Block => ({ markdown, isFolded: false });

/** A line with details below it: texts as they are, or Markdown that is safe already. */
export function item(title: string, details: readonly (Clipped | string)[]): Block {
  const [only, ...others] = details;
  if (typeof only === 'object' && others.length === 0 && isShort(only))
    return block(`- ${title}: ${escapeInline(only.text.trim())}`);
  const shown = details
    .map((detail) =>
      typeof detail === 'string'
        ? detail
        : [codeBlock(detail.text, 'text'), more(detail)].filter(Boolean).join('\n\n'),
    )
    .filter((detail) => detail !== '');
  const below = shown.join('\n\n').replace(/^(?=.)/gm, '  ');
  return { markdown: below === '' ? `- ${title}` : `- ${title}\n\n${below}`, isFolded: below !== '' };
}

const isShort = ({ text, moreCharacters }: Clipped): boolean =>
  moreCharacters === 0 && text.length < 200 && !text.trim().includes('\n');

/** What is left out, or nothing. */
export function more({ moreLines, moreCharacters }: Clipped): string {
  if (moreLines > 0) return `*(${moreLines.toLocaleString('en-US')} more lines)*`;
  return moreCharacters > 0 ? `*(${moreCharacters.toLocaleString('en-US')} more characters)*` : '';
}

export const quote = (parts: readonly string[]): string =>
  parts
    .filter((part) => part !== '')
    .join('\n\n')
    .replace(/^/gm, '> ')
    .replace(/^> $/gm, '>');

const two = (number: number): string => String(number).padStart(2, '0');

/** `07:39`, where the reader is. */
export function timeOfDay(at: number): string {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** `2026-11-21 07:39`, where the reader is. */
export function when(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${timeOfDay(at)}`;
}
