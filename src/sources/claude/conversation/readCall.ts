import { exact, objectOf, stringOf, type Json } from '../transcripts/lines';
import { clipped, cut, type Entry, type Outcome, type Question } from './entry';

/** Calls and results are folded: this much of them is kept. */
const shownLines = 60;
const shownCharacters = 8000;

/** The argument that says most, by its usual names. */
const telling = [
  'command',
  'file_path',
  'notebook_path',
  'path',
  'pattern',
  'query',
  'url',
  'description',
  'skill',
  'name',
  'prompt',
];

export function readCall(block: Json): Entry {
  const id = exact(block['id'], 200) ?? '';
  const name = cut(stringOf(block['name']) ?? 'a tool', 100);
  const input = objectOf(block['input']) ?? {};
  const plan = stringOf(input['plan']);
  if (name === 'ExitPlanMode' && plan !== undefined)
    return { kind: 'plan', id, text: clipped(plan, 5000, 200_000) };
  const questions = name === 'AskUserQuestion' ? readQuestions(input['questions']) : [];
  if (questions.length > 0) return { kind: 'question', id, questions };

  const key = telling.find((one) => stringOf(input[one]) !== undefined);
  const argument = key === undefined ? undefined : stringOf(input[key]);
  const isTold = Object.keys(input).length === 1 && argument !== undefined && !/\n/.test(argument) && argument.length < 100; // prettier-ignore
  const [before, after] = [input['old_string'], input['new_string']];
  const isEdit = typeof before === 'string' && typeof after === 'string';
  return {
    kind: 'call',
    id,
    name,
    ...(argument !== undefined && { argument: firstLine(argument) }),
    ...(isEdit
      ? { input: clipped(asDiff(before, after), shownLines, shownCharacters), language: 'diff' }
      : !isTold &&
        Object.keys(input).length > 0 && { input: clipped(asText(input), shownLines, shownCharacters) }),
  };
}

function firstLine(text: string): string {
  const [line = ''] = text.trim().split('\n', 1);
  return line.length > 120 || line.length < text.trim().length ? `${cut(line, 119)}…` : line;
}

/** `key: value`, texts of several lines below their key. */
function asText(input: Json): string {
  return Object.entries(input)
    .map(([key, value]) => {
      const text = typeof value === 'string' ? value : jsonText(value, 2);
      return text.includes('\n') ? `${key}:\n${indented(text)}` : `${key}: ${text}`;
    })
    .join('\n');
}

/** What is parsed may be nested deeper than can be written, and indentation makes much of little. */
const jsonText = (value: unknown, indentation?: number): string =>
  isDeeper(value, 30) ? '(nested too deep)' : JSON.stringify(value, undefined, indentation);

const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1)));

const indented = (text: string): string => text.replace(/^(?=.)/gm, '  ');

const asDiff = (before: string, after: string): string =>
  [
    ...(before === '' ? [] : before.replace(/\n$/, '').split('\n').map((line) => `-${line}`)),
    ...(after === '' ? [] : after.replace(/\n$/, '').split('\n').map((line) => `+${line}`)),
  ].join('\n'); // prettier-ignore

function readQuestions(value: unknown): Question[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, 20).flatMap((one) => {
    const question = objectOf(one);
    const text = stringOf(question?.['question']);
    if (text === undefined) return [];
    const options = Array.isArray(question?.['options']) ? question['options'].slice(0, 20) : [];
    const labels = options.flatMap((option) => {
      const label = stringOf(objectOf(option)?.['label']);
      return label === undefined ? [] : [cut(label, 200)];
    });
    return [{ text: cut(text, 2000), options: labels }];
  });
}

/** `line`: the whole one, which knows more than the block that Claude reads. */
export function readResult(block: Json, line: Json): Entry {
  const text = resultText(block['content']);
  return {
    kind: 'result',
    id: exact(block['tool_use_id'], 200) ?? '',
    outcome: outcomeOf(block, line, text),
    text: clipped(withoutFrame(text), shownLines, shownCharacters),
    ...answersOf(line),
  };
}

function outcomeOf(block: Json, line: Json, text: string): Outcome {
  if (block['is_error'] !== true) return 'done';
  const isDenied =
    typeof line['toolDenialKind'] === 'string' ||
    /^(?:The user doesn't want to |Claude requested permissions |Permission to use )/.test(text);
  return isDenied ? 'denied' : 'failed';
}

function resultText(content: unknown): string {
  if (typeof content === 'string') return content;
  const blocks: unknown[] = Array.isArray(content) ? content : [content];
  return blocks
    .map((value) => {
      const block = objectOf(value);
      if (!block) return '';
      if (block['type'] === 'text') return stringOf(block['text']) ?? '';
      const title = stringOf(block['title']);
      const url = stringOf(block['url']);
      if (url !== undefined) return [title, url].filter(Boolean).join(' ');
      return `(${stringOf(block['type']) ?? 'something unknown'})`;
    })
    .join('\n');
}

/** The report of a sub-agent, without what frames it for Claude's eyes. */
function withoutFrame(text: string): string {
  const frame = text.indexOf('[Subagent hand-back]');
  const begin = frame < 0 ? -1 : text.indexOf('The report follows:\n', frame);
  if (begin < 0) return text;
  return text.slice(begin + 'The report follows:\n'.length).replace(/^ {2}/gm, '');
}

function answersOf(line: Json): { answers?: ReadonlyMap<string, string> } {
  const answers = objectOf(objectOf(line['toolUseResult'])?.['answers']);
  if (!answers) return {};
  const found = Object.entries(answers).slice(0, 20);
  return {
    answers: new Map(
      found.map(([question, answer]) => [
        cut(question, 2000),
        cut(typeof answer === 'string' ? answer : jsonText(answer), 2000),
      ]),
    ),
  };
}
