import assert from 'node:assert/strict';
import MarkdownIt from 'markdown-it';
import * as fc from 'fast-check';
import { readLine } from '../../../src/sources/claude/conversation/readLine';
import type { AgentReport } from '../../../src/sources/claude/conversation/agents';
import { clipped } from '../../../src/sources/claude/conversation/entry';
import { conversationDocument } from '../../../src/sources/claude/conversation/text/document';
import { safeMarkdown } from '../../../src/sources/claude/conversation/text/markdown';
import { ConversationWriter } from '../../../src/sources/claude/conversation/text/writer';
import { answer, apiError, begin, compaction, meta, user } from './lines';

const nobody = new Map<string, AgentReport>();

/** The conversation of these lines without headings of times, which differ from place to place. */
function textOf(lines: readonly string[], agents: ReadonlyMap<string, AgentReport> = nobody): string {
  const writer = new ConversationWriter(agents);
  const blocks = [...lines.flatMap((line) => writer.push(readLine(line))), ...writer.unfinished()];
  return blocks
    .map(({ markdown }) => markdown.replace(/ · (?:\d{4}-\d\d-\d\d )?\d\d:\d\d$/gm, ''))
    .join('\n\n');
}

const say = (text: string): string => answer(0, {}, { content: [{ type: 'text', text }] });
const call = (name: string, input: unknown, id = 'toolu_1'): string =>
  answer(0, {}, { content: [{ type: 'tool_use', id, name, input }] });
const result = (content: unknown, id = 'toolu_1', more: Record<string, unknown> = {}): string =>
  user([{ type: 'tool_result', tool_use_id: id, content, ...more }]);

const claude = '### Claude · claude-opus-4-6';

describe('a conversation as Markdown', () => {
  beforeEach(begin);

  const cases: [name: string, lines: () => string[], expected: string[]][] = [
    ['who says what', () => [user('Hello\nyou'), say('# Yes\n\n* *a*\n* b'), say('More'), user('Bye')],
      ['## You', '> Hello\\\n> you', claude, '#### Yes', '- _a_\n- b', 'More', '## You', '> Bye']],
    ['another model', () => [user('a'), say('b'), answer(0, {}, { model: 'haiku', content: [{ type: 'text', text: 'c' }] })],
      ['## You', '> a', claude, 'b', '### Claude · haiku', 'c']],
    ['a call with its result', () => [call('Bash', { command: 'ls' }), result('a\nb')],
      [claude, '- **Bash** `ls`', '  Result:', '  ```text\n  a\n  b\n  ```']],
    ['calls made at once, as their results come', () => [call('Read', { path: 'a' }, 't1'), call('Read', { path: 'b' }, 't2'), result('B\n', 't2'), result('', 't1', { is_error: true })],
      [claude, '- **Read** `b`', '  Result:', '  ```text\n  B\n  ```', '- **Read** `a` · **failed**']],
    ['a call without a result', () => [call('Bash', { command: 'ls' }), user('Stop')],
      [claude, '- **Bash** `ls` · *no result*', '## You', '> Stop']],
    ['a call that runs', () => [call('Bash', { command: 'ls' })], [claude, '- **Bash** `ls` · *no result*']],
    ['a result without its call', () => [result('a\nb')], ['- *Result of an earlier call*', '  Result:', '  ```text\n  a\n  b\n  ```']],
    ['a plan, unfolded', () => [call('ExitPlanMode', { plan: '1. Do' }), result('ok')],
      [claude, '#### Plan', '> 1. Do', '- *Result of an earlier call*', '  Result:', '  ```text\n  ok\n  ```']],
    ['an error', () => [user('a'), apiError()], ['## You', '> a', '### Claude', '- **Error**: Done.']],
    ['a compaction', () => [meta('system', { subtype: 'compact_boundary', compactMetadata: { trigger: 'auto', preTokens: 40_254, postTokens: 2615 } }), compaction(5)],
      ['___', '**Context compacted (auto): 40,254 → 2,615 tokens**', '___', '**Context compacted**']],
    ['a copy of a line once', () => [user('a', { uuid: 'x' }), user('a', { uuid: 'x' })], ['## You', '> a']],
    ['what is unknown', () => [meta('<b>', { message: {} })], ['(unknown entry "\\<b>")']],
    ['a line that is damaged', () => ['{"type":'], ['*(A line that cannot be read.)*']],
  ]; // prettier-ignore
  for (const [name, lines, expected] of cases)
    it(`shows ${name}`, () => assert.equal(textOf(lines()), expected.join('\n\n')));

  it('shows questions with their answers', () => {
    const asked = call('AskUserQuestion', { questions: [{ question: 'Which?', options: [{ label: 'a' }, { label: '*b*' }] }] }); // prettier-ignore
    const answered = user([{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'x' }], { toolUseResult: { answers: { 'Which?': '*b*' } } }); // prettier-ignore
    assert.equal(
      textOf([asked, answered]),
      `${claude}\n\n- **Question:** Which? (a / \\*b\\*)\n- **Answer:** \\*b\\*`,
    );
    assert.match(textOf([asked, result('no', 'toolu_1', { is_error: true })]), /- \*\*Answer:\*\* \*not given\*$/); // prettier-ignore
  });

  it('shows sub-agents under their call', () => {
    const agents = new Map([
      [
        'toolu_1',
        { type: 'Explore', description: 'Find it', finished: false, lastAnswer: clipped('# Here', 10, 100) },
      ],
    ]);
    assert.equal(
      textOf([call('Agent', { description: 'Find it' }), result('Launched.')], agents),
      [
        claude,
        '- **Agent** `Find it`',
        '  Sub-agent Explore: Find it · not finished. It wrote last:',
        '  > ##### Here',
        '  Result:',
        '  ```text\n  Launched.\n  ```',
      ].join('\n\n'),
    );
  });

  it('marks where the conversation went back, and what it left', async () => {
    const lines = [
      user('one', { uuid: 'a' }),
      say('first'),
      user('two', { uuid: 'b' }),
      say('second'),
      user('two again', { uuid: 'c', parentUuid: 'a' }),
    ];
    assert.match(textOf(lines), /> two\n[\s\S]*\*Went back: the turn above is no part of the conversation any more\.\*\n\n## You\n\n> two again$/); // prettier-ignore
    const document = await documentOf(lines);
    const headings = document.text.split('\n').filter((line) => line.startsWith('## '));
    assert.deepEqual(headings.map((line) => /left/.test(line)), [false, true, false]); // prettier-ignore
  });

  it('marks in time what was left again and again', async () => {
    const prompts = Array.from({ length: 20_000 }, (_, at) =>
      user('again', { uuid: `u${at}`, parentUuid: 'a' }),
    );
    const { text } = await documentOf([user('one', { uuid: 'a' }), ...prompts]);
    assert.equal(text.match(/^## .*left/gm)?.length, 19_999);
  });

  it('says whose answer it is where two processes wrote at once', () => {
    const lines = [
      user('from A', { uuid: 'a' }),
      user('from B', { uuid: 'b' }),
      say('to B'),
      answer(0, { parentUuid: 'a' }, { content: [{ type: 'text', text: 'to A' }] }),
      answer(0, { parentUuid: 'b' }, { content: [{ type: 'text', text: 'more to B' }] }),
    ];
    assert.equal(
      textOf(lines),
      ['## You', '> from A', '## You', '> from B', claude, 'to B', '*What follows answers “from A”.*', claude, 'to A', '*What follows answers “from B”.*', claude, 'more to B'].join('\n\n'),
    ); // prettier-ignore
  });

  it('takes results of calls made at once for no other branch', () => {
    const lines = [
      user('go'),
      call('Read', { path: 'a' }, 't1'),
      call('Read', { path: 'b' }, 't2'),
      user([{ type: 'tool_result', tool_use_id: 't1', content: '' }], { parentUuid: 'line-2' }),
      user([{ type: 'tool_result', tool_use_id: 't2', content: '' }], { parentUuid: 'line-3' }),
      say('done'),
    ];
    assert.doesNotMatch(textOf(lines), /Went back|What follows/);
  });

  it('says how much is left out', () => {
    const long = Array.from({ length: 5000 }, (_, at) => `line ${at}`).join('\n');
    assert.match(textOf([call('Bash', { command: 'x' }), result(long)]), /\n {2}\*\(4,940 more lines\)\*$/);
    assert.match(textOf([user(long)]), /> \*\(3,000 more lines\)\*$/);
  });

  it('knows which lines are details', async () => {
    const { text, folds } = await documentOf([user('a'), call('Bash', { command: 'ls' }), result('x\ny'), say('b')]); // prettier-ignore
    const lines = text.split('\n');
    assert.deepEqual(folds.map(([first, last]) => [lines[first], lines[last]]), [['- **Bash** `ls`', '  ```']]); // prettier-ignore
  });

  it('leaves out the beginning where all would be too much', async () => {
    const lines = Array.from({ length: 100 }, (_, at) => user(`prompt ${at}`));
    const { text } = await documentOf(lines, 1000);
    assert.ok(text.length < 1300);
    assert.match(text, /is too much for one document[\s\S]*> prompt 99\n$/);
    assert.doesNotMatch(text, /> prompt 50\n/);
  });

  const documentOf = (lines: readonly string[], most?: number) =>
    conversationDocument(
      { agents: nobody, earlierBytes: 0, shown: lines.map((line) => readLine(line)), unfinished: [] },
      { title: '<b> *T*', id: 'x', host: 'here', directory: '/a`b', notes: ['*note*'] },
      most,
    );
});

/** As VS Code's preview: HTML on, addresses linked; and every address passes. */
const parser = new MarkdownIt({ html: true, linkify: true });
parser.linkify.set({ fuzzyLink: false });
parser.validateLink = () => true;
type Tokens = ReturnType<MarkdownIt['parse']>;
const all = (tokens: Tokens): Tokens => tokens.flatMap((token) => [token, ...all(token.children ?? [])]);

function assertSafe(markdown: string): void {
  for (const token of all(parser.parse(markdown, {}))) {
    assert.ok(!['html_block', 'html_inline', 'image'].includes(token.type), `${token.type}: ${markdown}`);
    for (const [name, value] of token.attrs ?? [])
      if (name === 'href') assert.match(value, /^https?:\/\//, markdown);
      else assert.ok(['start', 'style', 'class'].includes(name), name);
  }
  // oxlint-disable-next-line no-control-regex
  assert.doesNotMatch(
    markdown,
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u2028\u2029]/,
  );
}

const unit = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...Array.from('*_`~[]()<>!#|\\&;:/@$-+=.{}"\'\n\t  ab1é')) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      '<b>', '</details>', '<!--', '-->', '<!-- #endregion -->', '<script>alert(1)</script>', '&lt;b>', '&#42;',
      '[x](command:y)', '[x](vscode:y)', '[x](file:///etc)', '[https://good.example](https://bad.example)',
      '![i](https://x/y)', '![', '](', '[x][r]', '\n[r]: command:x', '<command:x>', '<https://x.example>', 'https://x.example/a_b',
      'mailto:a@b.example', '```', '~~~', '\n```\n', '````', '---', '===', '# ', '1. ', '- ', '> ', '| a | b |\n| - | - |\n',
      '    ', '$$', '**', '__', '~~', '\u001b[31m', '\u001b]8;;x\u0007', '\u202e', '\u2066', '\u2028', '\r\n', '\u200d', '😀',
    ),
  },
); // prettier-ignore
const hostile = fc.array(unit, { maxLength: 16 }).map((parts) => parts.join(''));

describe('what a conversation holds', () => {
  beforeEach(begin);

  it('is no HTML, image, command or control character, wherever it stands', () => {
    const line = fc.oneof(
      hostile.map((text) => user(text, { origin: { kind: 'human' } })),
      hostile.map((text) => user(text)),
      hostile.map((text) => user([{ type: 'image', source: { media_type: text } }])),
      hostile.map((text) => user(`<command-name>${text}</command-name>`)),
      hostile.map((text) => user(`<local-command-stdout>${text}</local-command-stdout>`)),
      hostile.map((text) => user(`<task-notification><summary>${text}</summary></task-notification>`)),
      hostile.map((text) => user(text, { isCompactSummary: true })),
      hostile.map((text) => say(text)),
      hostile.map((text) => answer(0, {}, { model: text, content: [{ type: 'text', text: 'x' }] })),
      hostile.map((text) => answer(0, {}, { content: [{ type: 'thinking', thinking: text }] })),
      hostile.map((text) => answer(0, {}, { content: [{ type: text }] })),
      hostile.map((text) => answer(0, { isApiErrorMessage: true }, { content: [{ type: 'text', text }] })),
      fc.tuple(hostile, hostile).map(([name, text]) => call(name, { command: text, [name]: [text] })),
      fc.tuple(hostile, hostile).map(([a, b]) => call('Edit', { file_path: a, old_string: a, new_string: b })),
      hostile.map((plan) => call('ExitPlanMode', { plan })),
      fc.tuple(hostile, hostile).map(([a, b]) => call('AskUserQuestion', { questions: [{ question: a, options: [{ label: b }] }] })),
      hostile.map((text) => result(text)),
      hostile.map((text) => result([{ type: 'text', text }, { type: text }, { url: text, title: text }])),
      hostile.map((text) => user([{ type: 'tool_result', tool_use_id: 'toolu_1', content: text }], { toolUseResult: { answers: { [text]: text } } })),
      hostile.map((text) => meta('system', { subtype: 'api_error', error: { message: text } })),
      hostile.map((text) => meta('system', { subtype: 'informational', content: text })),
      hostile.map((text) => meta('system', { subtype: 'compact_boundary', compactMetadata: { trigger: text } })),
      hostile.map((text) => meta(text, { message: {} })),
      hostile,
    ); // prettier-ignore
    fc.assert(
      fc.property(fc.array(line, { maxLength: 5 }), hostile, hostile, (lines, agent, said) => {
        const report = { type: agent, description: agent, lastAnswer: clipped(said, 100, 1000) };
        assertSafe(textOf(lines, new Map([['toolu_1', report]])));
      }),
      { numRuns: 600 },
    );
  });

  it('does not end the code in which it stands', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const [item] = parser
          .parse(textOf([call('x', {}), result(`a\n${text}\nb`)]), {})
          .filter(({ type }) => type === 'fence');
        assert.match(item!.content, /^a\n[\s\S]*b\n$/);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps the words of Markdown that it shows', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('# ', '- ', '1. ', '> ', '**', '_', '`', '~~', '\n', '\n\n', ' ', 'a', 'b', 'c', '<i>', '| a | b |\n| - | - |\n| c | d |\n', '```\nx\n```\n'), { maxLength: 20 }), (parts) => {
        const words = (markdown: string): string =>
          all(new MarkdownIt({ html: false }).parse(markdown, {}))
            .filter(({ type }) => ['text', 'code_inline', 'fence', 'code_block', 'text_special'].includes(type))
            .map(({ content }) => content)
            .join('')
            .replace(/\s/g, '');
        const markdown = parts.join('');
        assert.equal(words(safeMarkdown(markdown, 0)), words(markdown));
      }),
      { numRuns: 1000 },
    ); // prettier-ignore
  });

  const links: [string, string][] = [
    ['[x](https://a.example/b)', 'x (<https://a.example/b>)'],
    ['<https://a.example/b>', '<https://a.example/b>'],
    ['https://a.example/b', '<https://a.example/b>'],
    ['[https://good.example/x](https://bad.example/y)', '<https://good.example/x> (<https://bad.example/y>)'],
    ['[x](command:run)', 'x (command:run)'],
    ['[x](relative/file.md)', 'x (relative/file.md)'],
    ['[x](mailto:a@b.example)', 'x (mailto:a\\@b.example)'],
    ['![alt](https://a.example/i.png)', 'Image: alt (<https://a.example/i.png>)'],
    ['<b>x</b>', '\\<b>x\\</b>'],
    ['[x]: command:run\n\n[x]', 'x (command:run)'],
  ];
  for (const [markdown, expected] of links)
    it(`shows ${JSON.stringify(markdown)} as ${expected}`, () =>
      assert.equal(safeMarkdown(markdown, 0), expected));

  it('is read in time, however it is made', () => {
    for (const part of ['*a', '[', '![', '`', '<', '> ', '- ', '| a |\n| - |\n', '_*', '[a](', '\\', '~~~\n'])
      assertSafe(safeMarkdown(part.repeat(30_000 / part.length), 0));
  });
});
