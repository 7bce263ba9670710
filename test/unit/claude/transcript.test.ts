import assert from 'node:assert/strict';
import { readTranscript } from '../../../src/sources/claude/transcripts/transcript';
import type { TranscriptSummary } from '../../../src/model/session/transcript';
import { answer, apiError, attachment, begin, compaction, jsonl, meta, sessionId, user } from './lines';

const path = `./-srv-platform/${sessionId.toUpperCase()}.jsonl`;

const whole = (bytes: Buffer): TranscriptSummary =>
  readTranscript({ path, size: bytes.length, modifiedAt: 5 }, { offset: 0, bytes }).summary;

const nothing = { hasConversation: false, directories: [] };

describe('a transcript', () => {
  beforeEach(begin);

  it('tells what a session is from its lines', () => {
    const bytes = jsonl(
      meta('mode', { mode: 'normal' }),
      user('Fix the\n  refund', { permissionMode: 'plan' }),
      attachment(10),
      answer(50_000),
      meta('last-prompt', { lastPrompt: 'Fix the refund' }),
      user('And the tests'),
      answer(100_000, { gitBranch: 'task/PAY-1-analysis' }),
    );
    assert.deepEqual(whole(bytes), {
      id: sessionId,
      fileId: sessionId.toUpperCase(),
      path,
      size: bytes.length,
      modifiedAt: 5,
      hasConversation: true,
      directories: ['/srv/platform'],
      branch: 'task/PAY-1-analysis',
      title: 'Fix the refund',
      firstActivity: 1_700_000_001_000,
      lastActivity: 1_700_000_005_000,
      model: 'claude-opus-4-6',
      context: { usedTokens: 100_000, windowTokens: 200_000, usedPercent: 50 },
      entrypoint: 'cli',
      firstUuid: 'line-1',
      firstPrompt: 'Fix the refund',
      permissionMode: 'plan',
      turns: 2,
    });
  });

  const cases: { name: string; lines: () => Buffer; gives: Partial<TranscriptSummary> }[] = [
    { name: 'that is empty', lines: () => Buffer.alloc(0), gives: nothing },
    {
      name: 'that is no JSON',
      lines: () => Buffer.from('hello, world\n'),
      gives: { ...nothing, badLines: 1 },
    },
    { name: 'of NULs', lines: () => Buffer.alloc(512), gives: nothing },
    {
      name: 'with a title only',
      lines: () => jsonl(meta('custom-title', { customTitle: 'Mine' })),
      gives: { ...nothing, title: 'Mine' },
    },
    {
      name: 'with an unanswered prompt',
      lines: () => jsonl(user('Hello')),
      gives: { hasConversation: true, title: 'Hello', context: undefined as never },
    },
    {
      name: 'cut in its last line',
      lines: () => jsonl(user('Hello'), answer(50)).subarray(0, -40),
      gives: { hasConversation: true, badLines: 1, context: undefined as never },
    },
    {
      name: 'with a bad line in the middle and NULs at the end',
      lines: () => Buffer.concat([jsonl(user('Hello'), '{"type":"ass\0', answer(50)), Buffer.alloc(99)]),
      gives: { badLines: 1, context: { usedTokens: 50, windowTokens: 200_000, usedPercent: 0 } },
    },
    {
      name: 'with CRLF',
      lines: () => Buffer.from(jsonl(user('Hello'), answer(50)).toString().replaceAll('\n', '\r\n')),
      gives: { hasConversation: true, badLines: undefined as never, firstPrompt: 'Hello' },
    },
    {
      name: 'of the future',
      lines: () =>
        jsonl(
          meta('hologram', { cwd: 7 }),
          '[1]',
          user([{ type: 'smell' }, { type: 'text', text: 'Hi' }], {
            cwd: { path: '/x' },
            gitBranch: null,
            timestamp: 12,
          }),
          answer(0, { message: 'words', cwd: 7 }),
        ),
      gives: {
        hasConversation: true,
        badLines: 1,
        firstPrompt: 'Hi',
        directories: [],
        firstActivity: 1_700_000_002_000,
      },
    },
    {
      name: 'whose title a person gave',
      lines: () =>
        jsonl(
          meta('custom-title', { customTitle: 'First' }),
          user('Hello'),
          meta('ai-title', { aiTitle: 'Greeting' }),
          meta('custom-title', { customTitle: 'Second\u202e\n  try' }),
          meta('last-prompt', { lastPrompt: 'Hello' }),
        ),
      gives: { title: 'Second try' },
    },
    {
      name: 'whose title the model gave',
      lines: () =>
        jsonl(meta('ai-title', { aiTitle: 'Greeting' }), meta('last-prompt', { lastPrompt: 'Hello' })),
      gives: { title: 'Greeting' },
    },
    {
      name: 'that moved, and came back',
      lines: () => jsonl(user('a'), user('b', { cwd: '/srv/other  x', gitBranch: 'HEAD' }), user('c')),
      gives: { directories: ['/srv/other  x', '/srv/platform'], branch: 'main' },
    },
    {
      name: 'that moved out of git',
      lines: () => jsonl(user('a'), user('b', { cwd: '/notes', gitBranch: 'HEAD' })),
      gives: { directories: ['/srv/platform', '/notes'], branch: undefined as never },
    },
    {
      name: 'that left its branch for a commit',
      lines: () => jsonl(user('a'), user('b', { gitBranch: 'HEAD' })),
      gives: { branch: 'main' },
    },
    {
      name: 'whose first prompt is a command',
      lines: () =>
        jsonl(
          user('A caveat', { isMeta: true }),
          user('<command-name>/clear</command-name>'),
          user([{ type: 'tool_result', content: 'out' }]),
          user([{ type: 'text', text: 'Really' }]),
        ),
      gives: { firstPrompt: 'Really' },
    },
    {
      name: 'that ends in an API error',
      lines: () => jsonl(user('a'), answer(5000), user('b'), apiError()),
      gives: {
        context: { usedTokens: 5000, windowTokens: 200_000, usedPercent: 3 },
        model: 'claude-opus-4-6',
      },
    },
    {
      name: 'that was killed and resumed, with an answer of no model',
      lines: () =>
        jsonl(user('a'), answer(5000), user('b'), answer(70, {}, { model: '<synthetic>' }), user('c')),
      gives: {
        context: { usedTokens: 5000, windowTokens: 200_000, usedPercent: 3 },
        model: 'claude-opus-4-6',
      },
    },
    {
      name: 'just compacted',
      lines: () =>
        jsonl(user('a'), answer(190_000), compaction(3000), user('summary', { isCompactSummary: true })),
      gives: {
        context: { usedTokens: 3000, windowTokens: 200_000, usedPercent: 2 },
        model: 'claude-opus-4-6',
      },
    },
    {
      name: 'compacted, with kept answers whose counts are nothing',
      lines: () =>
        jsonl(user('a'), compaction(3000), answer(0, {}, { usage: { input_tokens: 0 } }), user('b')),
      gives: { context: { usedTokens: 3000, windowTokens: 200_000, usedPercent: 2 } },
    },
    {
      name: 'rewound: only the live branch counts',
      lines: () =>
        jsonl(
          user('a', { uuid: 'A' }),
          answer(1000, { uuid: 'B' }),
          user('b'),
          answer(9000),
          user('c', { parentUuid: 'B' }),
        ),
      gives: { context: { usedTokens: 1000, windowTokens: 200_000, usedPercent: 1 } },
    },
    {
      name: 'with lines of a sub-agent',
      lines: () =>
        jsonl(
          user('a'),
          answer(1000),
          answer(77_000, { isSidechain: true, cwd: '/agent', uuid: 'S' }),
          user('b', { parentUuid: 'line-2' }),
        ),
      gives: {
        context: { usedTokens: 1000, windowTokens: 200_000, usedPercent: 1 },
        directories: ['/srv/platform'],
      },
    },
    {
      name: 'whose parents go round in a circle',
      lines: () =>
        jsonl(user('a', { uuid: 'A', parentUuid: 'B' }), user('b', { uuid: 'B', parentUuid: 'A' })),
      gives: { hasConversation: true },
    },
    {
      name: 'with the large window',
      lines: () => jsonl(user('a'), answer(100_000, { requestedModel: 'claude-opus-4-6[1m]' })),
      gives: { context: { usedTokens: 100_000, windowTokens: 1_000_000, usedPercent: 10 } },
    },
  ];
  for (const { name, lines, gives } of cases)
    it(`${name}, is one row`, () => {
      const summary = whole(lines());
      const shown = Object.fromEntries(
        Object.keys(gives).map((key) => [key, summary[key as keyof TranscriptSummary]]),
      );
      assert.deepEqual(shown, gives);
    });

  describe('of which head and tail are at hand', () => {
    const cutAt = (bytes: Buffer, head: number, tail: number) =>
      readTranscript(
        { path, size: bytes.length, modifiedAt: 5 },
        { offset: 0, bytes: bytes.subarray(0, head) },
        { offset: bytes.length - tail, bytes: bytes.subarray(-tail) },
      );

    it('is known where they say enough, and cut lines are not bad lines', () => {
      const { summary, lacksHead, lacksTail } = cutAt(
        jsonl(user('a'), attachment(50_000), answer(700), user('b'), answer(800)),
        2000,
        2000,
      );
      assert.deepEqual({ lacksHead, lacksTail }, { lacksHead: false, lacksTail: false });
      assert.equal(summary.context?.usedTokens, 800);
      assert.equal(summary.firstUuid, 'line-1');
      assert.equal(summary.badLines, undefined);
    });

    it('lacks its head where the first prompt is longer', () => {
      const reading = cutAt(jsonl(user('x'.repeat(9000)), answer(700)), 2000, 2000);
      assert.equal(reading.lacksHead, true);
      assert.equal(reading.lacksTail, false);
    });

    it('lacks its tail where the last answer lies before a long result', () => {
      const bytes = jsonl(
        user('a'),
        attachment(9000),
        answer(700),
        user([{ type: 'tool_result', content: 'x'.repeat(9000) }]),
      );
      assert.equal(cutAt(bytes, 2000, 2000).lacksTail, true);
    });

    it('takes the title from beside it, unless a newer one follows', () => {
      const side = '{"customTitle":"Renamed"}';
      const read = (bytes: Buffer, title?: string) =>
        readTranscript(
          { path, size: bytes.length, modifiedAt: 5 },
          { offset: 0, bytes: bytes.subarray(0, 2000) },
          { offset: bytes.length - 2000, bytes: bytes.subarray(-2000) },
          title,
        ).summary.title;
      const old = meta('custom-title', { customTitle: 'Old' });
      const newer = meta('custom-title', { customTitle: 'Newer' });
      assert.equal(read(jsonl(old, user('a'), attachment(9000), answer(700)), side), 'Renamed');
      assert.equal(read(jsonl(old, user('a'), attachment(9000), answer(700), newer), side), 'Newer');
      assert.equal(read(jsonl(old, user('a'), attachment(9000), answer(700)), 'no JSON'), 'Old');
    });
  });

  it('keeps hostile text short and on one line', () => {
    const summary = whole(
      jsonl(
        user(`\u001b]0;x\u0007${'z'.repeat(100_000)}`, { cwd: 'd'.repeat(5000), gitBranch: 'b'.repeat(400) }),
      ),
    );
    assert.equal(summary.firstPrompt?.length, 300);
    assert.equal(/\p{Cc}/u.test(summary.firstPrompt ?? ''), false);
    assert.deepEqual([summary.directories, summary.branch], [[], undefined]);
  });
});
