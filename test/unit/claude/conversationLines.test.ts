import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { clipped, type Entry, type Line } from '../../../src/sources/claude/conversation/entry';
import { readLine, readLongLine } from '../../../src/sources/claude/conversation/readLine';
import {
  BackwardSplitter,
  ForwardSplitter,
  longestLine,
} from '../../../src/sources/claude/conversation/splitLines';
import { answer, apiError, attachment, begin, compaction, jsonl, meta, user } from './lines';

const entriesOf = (line: string): readonly Entry[] => readLine(line).entries;
/** What a line shows, short enough to compare. */
const told = (line: string): string[] =>
  entriesOf(line).map((entry) => {
    const text = 'text' in entry ? (typeof entry.text === 'string' ? entry.text : entry.text?.text) : '';
    return `${entry.kind}: ${text}`;
  });

const call = (name: string, input: unknown, id = 'toolu_1'): string =>
  answer(0, {}, { content: [{ type: 'tool_use', id, name, input }] });
const result = (
  content: unknown,
  fields: Record<string, unknown> = {},
  more: Record<string, unknown> = {},
): string => user([{ type: 'tool_result', tool_use_id: 'toolu_1', content, ...more }], fields);

describe('a line of a conversation', () => {
  beforeEach(begin);

  const typed = { origin: { kind: 'human' } };
  const cases: [name: string, line: () => string, expected: string[]][] = [
    ['a prompt', () => user('Hello'), ['prompt: Hello']],
    ['a prompt in blocks', () => user([{ type: 'text', text: 'a' }, { type: 'text', text: 'b' }]), ['prompt: a\n\nb']],
    ['an answer', () => answer(100), ['answer: Done.']],
    ['a command', () => user('<command-name>/clear</command-name>\n<command-args>now</command-args>'), ['command: /clear now']],
    ['a shell command', () => user('<bash-input>ls</bash-input>'), ['command: ! ls']],
    ['what a command wrote', () => user('<local-command-stdout>\u001b[2mdone\u001b[22m</local-command-stdout>'), ['output: done']],
    ['both streams of a shell', () => user('<bash-stdout>a</bash-stdout><bash-stderr>b</bash-stderr>'), ['output: a\nb']],
    ['what Claude is told in a person’s name', () => user('<system-reminder>x</system-reminder>'), []],
    ['a prompt beside it', () => user('<system-reminder>x</system-reminder>\nHello <ide_selection>y</ide_selection>'), ['prompt: Hello']],
    ['a reminder without end', () => user('<system-reminder>Hello'), ['prompt: <system-reminder>Hello']],
    ['the same words, typed', () => user('<system-reminder>x</system-reminder>', typed), ['prompt: <system-reminder>x</system-reminder>']],
    ['typed tags of a command', () => user('<command-name>/x</command-name>', typed), ['prompt: <command-name>/x</command-name>']],
    ['news of a task in the background', () => user('<task-notification><summary>Built.</summary></task-notification>'), ['note: Built.']],
    ['an interruption', () => user([{ type: 'text', text: '[Request interrupted by user for tool use]' }]), ['interrupted: ']],
    ['an interruption that was typed', () => user('[Request interrupted by user]', typed), ['prompt: [Request interrupted by user]']],
    ['what was meant for Claude only', () => user('Caveat', { isMeta: true }), []],
    ['a sub-agent in the same file', () => user('Look', { isSidechain: true }), []],
    ['a summary', () => user('So far', { isCompactSummary: true }), ['summary: So far']],
    ['a compaction', () => compaction(500), ['compaction: ']],
    ['an error', () => apiError(), ['error: Done.']],
    ['an answer that nobody gave', () => answer(0, {}, { model: '<synthetic>', content: [{ type: 'text', text: 'No response requested.' }] }), []],
    ['a retry', () => meta('system', { subtype: 'api_error', retryAttempt: 2, maxRetries: 10, error: { formatted: '529 Overloaded' } }), ['retry: 529 Overloaded']],
    ['a command of Claude Code', () => meta('system', { subtype: 'local_command', content: '<command-name>/rename</command-name>' }), ['command: /rename']],
    ['news of the system', () => meta('system', { subtype: 'informational', content: 'Limit reached' }), ['note: Limit reached']],
    ['a hook', () => meta('system', { subtype: 'stop_hook_summary', content: 'x' }), []],
    ['a prompt while Claude worked', () => meta('attachment', { attachment: { type: 'queued_command', prompt: 'And tests' } }), ['prompt: And tests']],
    ['attachments', () => attachment(100), []],
    ['thinking', () => answer(0, {}, { content: [{ type: 'thinking', thinking: 'Hm' }] }), ['thinking: Hm']],
    ['thinking that is not kept', () => answer(0, {}, { content: [{ type: 'thinking', thinking: '', signature: 'x' }] }), []],
    ['a call', () => call('Bash', { command: 'ls\npwd', timeout: 5 }), ['call: ']],
    ['a plan', () => call('ExitPlanMode', { plan: '# Plan' }), ['plan: # Plan']],
    ['a result', () => result('ok'), ['result: ok']],
    ['a result in blocks', () => result([{ type: 'text', text: 'a' }, { type: 'image' }]), ['result: a\n(image)']],
    ['a block from the future', () => answer(0, {}, { content: [{ type: 'hologram' }] }), ['unknown: ']],
    ['a line from the future that says something', () => meta('speech', { message: { content: 'x' } }), ['unknown: ']],
    ['a line from the future that says nothing', () => meta('speech-index', { offset: 1 }), []],
    ['the books', () => meta('queue-operation', { operation: 'enqueue', content: 'x' }), []],
    ['the books, whatever comes first', () => `{"content":"x",${meta('queue-operation', {}).slice(1)}`, []],
    ['no JSON', () => '{"type":"user"', ['damaged: ']],
    ['NULs', () => '\0\0\0', []],
    ['NULs around a line', () => `\0${user('Hello')}\0\0`, ['prompt: Hello']],
    ['JSON that is no object', () => '[1]', ['damaged: ']],
    ['nothing that fits', () => '{"type":"user","message":7}', []],
  ]; // prettier-ignore
  for (const [name, line, expected] of cases)
    it(`reads ${name}`, () => assert.deepEqual(told(line()), expected));

  it('knows its place in the tree, its time and its model', () => {
    const [first, second] = [user('Hello'), answer(100)].map((line) => readLine(line));
    assert.deepEqual(
      { ...second, entries: 1 },
      { uuid: 'line-2', parent: first!.uuid, at: 1_700_000_002_000, model: 'claude-opus-4-6', entries: 1 },
    );
    assert.equal(readLine(compaction(1)).parent, undefined);
  });

  it('names what came with a prompt', () => {
    const image = { type: 'image', source: { media_type: 'image/png', data: 'x'.repeat(40_000) } };
    const [entry] = entriesOf(user([{ type: 'text', text: 'See' }, image]));
    assert.deepEqual(entry?.kind === 'prompt' && entry.attached, ['image/png, 30 KB']);
  });

  const inputs: [string, unknown, Partial<Extract<Entry, { kind: 'call' }>>][] = [
    ['Bash', { command: 'npm test' }, { argument: 'npm test' }],
    ['Bash', { command: 'a\nb' }, { argument: 'a…', input: clipped('command:\n  a\n  b', 60, 8000) }],
    ['Read', { file_path: '/x', limit: 5 }, { argument: '/x', input: clipped('file_path: /x\nlimit: 5', 60, 8000) }],
    ['Edit', { file_path: '/x', old_string: 'a\nb\n', new_string: 'c' }, { argument: '/x', input: clipped('-a\n-b\n+c', 60, 8000), language: 'diff' }],
    ['Odd', {}, {}],
  ]; // prettier-ignore
  for (const [name, input, expected] of inputs)
    it(`tells what ${name} ${JSON.stringify(input)} was called with`, () => {
      const [entry] = entriesOf(call(name, input));
      assert.deepEqual(entry, { kind: 'call', id: 'toolu_1', name, ...expected });
    });

  it('does not write what is nested deeper than can be written', () => {
    const deep = '['.repeat(20_000) + ']'.repeat(20_000);
    const [called] = entriesOf(call('Odd', { at: 'deep' }).replace('"deep"', deep));
    assert.equal(called?.kind === 'call' && called.input?.text, 'at: (nested too deep)');
    const [answered] = entriesOf(result('x', { toolUseResult: { answers: { a: 'deep' } } }).replace('"deep"', deep)); // prettier-ignore
    assert.equal(answered?.kind === 'result' && answered.answers?.get('a'), '(nested too deep)');
  });

  const outcomes: [string, () => string, string][] = [
    ['done', () => result('ok'), 'done'],
    ['failed', () => result('exit 1', {}, { is_error: true }), 'failed'],
    ['denied', () => result('no', { toolDenialKind: 'user-rejected' }, { is_error: true }), 'denied'],
    ['denied by an old version', () => result("The user doesn't want to proceed", {}, { is_error: true }), 'denied'],
  ]; // prettier-ignore
  for (const [name, line, expected] of outcomes)
    it(`tells that a call was ${name}`, () => {
      const [entry] = entriesOf(line());
      assert.equal(entry?.kind === 'result' && entry.outcome, expected);
    });

  it('knows the questions and their answers', () => {
    const questions = [{ question: 'Which?', options: [{ label: 'a' }, { label: 'b' }, 7] }, { question: 7 }];
    const [asked] = entriesOf(call('AskUserQuestion', { questions }));
    assert.deepEqual(asked, { kind: 'question', id: 'toolu_1', questions: [{ text: 'Which?', options: ['a', 'b'] }] }); // prettier-ignore
    const [answered] = entriesOf(result('x', { toolUseResult: { answers: { 'Which?': 'a' } } }));
    assert.deepEqual(answered?.kind === 'result' && [...(answered.answers ?? [])], [['Which?', 'a']]);
  });

  it('takes the report of a sub-agent out of its frame', () => {
    const text = '[Subagent hand-back] Rules. The report follows:\n  Found.\n  Twice.';
    assert.deepEqual(told(result([{ type: 'text', text }])), ['result: Found.\nTwice.']);
  });

  it('clips, and counts what is left out', () => {
    assert.deepEqual(clipped('a\nb\nc\nd', 2, 100), { text: 'a\nb', moreLines: 2, moreCharacters: 4 });
    assert.deepEqual(clipped('abcdef', 2, 4), { text: 'abcd', moreLines: 0, moreCharacters: 2 });
    assert.deepEqual(clipped('a\nb', 2, 100), { text: 'a\nb', moreLines: 0, moreCharacters: 0 });
  });

  it('keeps the beginning of what is too long', () => {
    const line = user([
      { type: 'text', text: 'See "this"\npicture' },
      { type: 'image', source: {} },
    ]);
    const { entries, parent } = readLongLine(line.slice(0, -10), 5_000_000);
    assert.equal(parent, undefined);
    assert.deepEqual(entries, [
      { kind: 'omitted', bytes: 5_000_000, text: clipped('See "this"\npicture', 40, 4000) },
    ]);
    assert.deepEqual(readLongLine(meta('file-history-snapshot', { x: 1 }), 5_000_000).entries, []);
  });
});

describe('pieces of a transcript', () => {
  const pieces = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
    const at = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort(
      (a, b) => a - b,
    );
    return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
  };
  const forward = (bytes: Buffer, cuts: readonly number[]): Line[] => {
    const splitter = new ForwardSplitter();
    return [...pieces(bytes, cuts).flatMap((piece) => splitter.push(piece)), ...splitter.end()];
  };
  const backward = (bytes: Buffer, cuts: readonly number[]): Line[] => {
    const splitter = new BackwardSplitter();
    let lines: Line[] = [];
    const all = pieces(bytes, cuts);
    for (const [index, piece] of [...all.entries()].toReversed())
      lines = [...splitter.push(piece, index === 0), ...lines];
    return lines;
  };

  const lines = fc.array(
    fc.oneof(
      fc.string({ maxLength: 30 }).map((text) => user(text)),
      fc.string({ unit: 'binary', maxLength: 30 }).map((text) => user(text)),
      fc.constantFrom('', '{', 'x'),
    ),
    { maxLength: 12 },
  );

  it('are the same lines however they are cut, from either end', () => {
    fc.assert(
      fc.property(lines, fc.boolean(), fc.array(fc.nat(5000), { maxLength: 6 }), (texts, isCut, cuts) => {
        const bytes = jsonl(...texts).subarray(0, isCut ? -1 : undefined);
        const expected = texts.filter((text) => text !== '').map((text) => readLine(text));
        assert.deepEqual(forward(bytes, cuts), expected);
        assert.deepEqual(backward(bytes, cuts), expected);
      }),
      { numRuns: 500 },
    );
  });

  it('hold no more than the beginning of a line that is too long', () => {
    const bytes = jsonl(user('before'), user('x'.repeat(3 * longestLine)), user('after'));
    const cuts = Array.from({ length: 30 }, (_, at) => at * 111_111);
    for (const found of [forward(bytes, cuts), backward(bytes, cuts)]) {
      assert.deepEqual(found.map(({ entries }) => entries[0]?.kind), ['prompt', 'omitted', 'prompt']); // prettier-ignore
      const [entry] = found[1]!.entries;
      assert.ok(entry?.kind === 'omitted' && entry.bytes > 3 * longestLine && entry.text);
      assert.match(entry.text.text, /^x{4000}$/);
    }
  });
});
