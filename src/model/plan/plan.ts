import { UserError } from '../errors';
import { numberedOf, speaksOfSteps, type Numbered } from './numbered';
import { outline, type Mark } from './outline';
import { plainTitle } from './title';

/** One step of a plan. */
export interface PlanStep {
  /** One line of plain text. */
  title: string;
  /** As the plan has it, its heading or list mark included. */
  text: string;
}

/** More are no plan that one conversation could keep in mind. */
export const mostSteps = 100;

type Heading = Mark & { kind: 'heading' };
type Item = Mark & { kind: 'item' };

/** Lines of a step, the last one excluded. */
interface Range {
  title: string;
  from: number;
  to: number;
}

/**
 * The steps of a plan in Markdown, in their order: the numbered headings of one level; else the numbered items of lists,
 * else the boxes of task lists; a plan that has none of these is one step. Numbers only tell that something is a step: one
 * that comes twice is two steps.
 *
 * What stands under other headings (overview, migration, roll-back) belongs to no step: who works on a step can read the
 * whole plan, but must not take its roll-back for a part of the last one. Throws UserError beyond 100 steps.
 */
export function parsePlan(markdown: string): PlanStep[] {
  const lines = markdown
    .replace(/^\ufeff/, '')
    .replace(/\r\n?/g, '\n')
    .split('\n');
  const marks = outline(lines);
  const headings = marks.filter((mark): mark is Heading => mark.kind === 'heading');
  const ranges = byHeadings(headings, lines.length) ??
    byItems(marks, lines.length, 'numbers') ??
    byItems(marks, lines.length, 'tasks') ?? [{ title: wholeTitle(headings), from: 0, to: lines.length }];
  if (ranges.length > mostSteps)
    throw new UserError(
      `The plan has ${ranges.length} steps, and at most ${mostSteps} can be worked through in one conversation.`,
      'Divide the task, or make larger steps, and have the plan approved again.',
    );
  return ranges.map(({ title, from, to }, at) => ({
    title: title || `Step ${at + 1}`,
    text: lines.slice(from, to).join('\n').trim(),
  }));
}

interface Counted {
  heading: Heading;
  numbered: Numbered;
}

function byHeadings(headings: readonly Heading[], length: number): Range[] | undefined {
  const counted = headings.flatMap((heading): Counted[] => {
    const numbered = numberedOf(plainTitle(heading.text));
    return numbered ? [{ heading, numbered }] : [];
  });
  const chosen = chooseLevel(counted);
  if (!chosen) return undefined;
  const steps = new Map(chosen.map(({ heading, numbered }) => [heading, numbered]));
  const ranges: Range[] = [];
  let open: Range | undefined;
  for (const heading of headings) {
    if (open && heading.level > chosen[0]!.heading.level) continue;
    if (open) open.to = heading.line;
    const numbered = steps.get(heading);
    open = numbered && { title: titleOf(heading, numbered), from: heading.line, to: length };
    if (open) ranges.push(open);
  }
  return ranges;
}

const titleOf = ({ text }: Heading, { rest }: Numbered): string => plainTitle(rest) || plainTitle(text);

/** A word for a step tells more than another word (`Phase 1`), and that more than a number alone (`1. Overview`). */
function chooseLevel(counted: readonly Counted[]): Counted[] | undefined {
  const levels = (by: Numbered['by']): Counted[][] =>
    [1, 2, 3, 4, 5, 6].map((level) =>
      counted.filter(({ heading, numbered }) => numbered.by === by && heading.level === level),
    );
  const isSeries = (found: readonly Counted[]): boolean => found.length > 1;
  const isCount = (found: readonly Counted[]): boolean =>
    isSeries(found) && found.every(({ numbered }, at) => numbered.number === at + 1);
  return (
    levels('step').find(isSeries) ??
    levels('step').find(([only]) => only) ??
    levels('word').map(commonest).find(isSeries) ??
    levels('number').find(isSeries) ??
    // A lone number may be a year or a version.
    levels('number').find(([only]) => only?.numbered.number === 1) ??
    levels('bare').find(isCount)
  );
}

/** Those of the word that comes most often. */
function commonest(counted: readonly Counted[]): Counted[] {
  const words = new Map<string, Counted[]>();
  for (const one of counted) {
    const same = words.get(one.numbered.word);
    if (same) same.push(one);
    else words.set(one.numbered.word, [one]);
  }
  return [...words.values()].reduce<Counted[]>((best, one) => (one.length > best.length ? one : best), []);
}

/** Those under headings that speak of steps, where there are any: else goals and open questions would be some. */
function byItems(marks: readonly Mark[], length: number, list: Item['list']): Range[] | undefined {
  const all: Range[] = [];
  const underSteps: Range[] = [];
  let section: number | undefined;
  let open: Range | undefined;
  /** Where its list ended: what follows is its own only where another item follows too. */
  let after: number | undefined;
  const close = (line: number): void => {
    if (open) open.to = line;
    open = after = undefined;
  };
  for (const mark of marks)
    switch (mark.kind) {
      case 'heading':
        close(after ?? mark.line);
        if (section === undefined || mark.level <= section)
          section = speaksOfSteps(mark.text) ? mark.level : undefined;
        break;
      case 'item':
        if (mark.list !== list) break;
        close(mark.line);
        open = { title: itemTitle(mark.text), from: mark.line, to: length };
        all.push(open);
        if (section !== undefined) underSteps.push(open);
        break;
      case 'other':
        after ??= mark.line;
    }
  close(after ?? length);
  const found = underSteps.length > 0 ? underSteps : all;
  return found.length > 0 ? found : undefined;
}

/** What stands in bold at its beginning, else all of its line. */
function itemTitle(text: string): string {
  const words = text.replace(/^\[[ xX]\]\s+/, '');
  return plainTitle(/^(?:\*\*|__)([^*_]{3,200})(?:\*\*|__)/.exec(words)?.[1] ?? words).replace(/[.;,]+$/, '');
}

const wholeTitle = (headings: readonly Heading[]): string =>
  plainTitle(headings.find(({ text }) => text !== '')?.text ?? '') || 'The whole plan';
