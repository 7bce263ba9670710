import assert from 'node:assert/strict';
import { contextUse, contextWindow } from '../../../src/model/session/contextWindow';

const large = [
  'claude-fable-5-2',
  'claude-opus-5-5',
  'claude-haiku-5-5',
  'claude-opus-5',
  'claude-sonnet-5',
  'claude-opus-4-8',
  'claude-opus-4-7',
  'claude-opus-4-10',
  'claude-sonnet-4-6[1m]',
  'claude-sonnet-4-5-20250929[1m]',
  'opus',
  'something-new',
  '',
];
const small = [
  'claude-opus-4-6',
  'claude-sonnet-4-6',
  'claude-haiku-4-5-20251001',
  'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
  'claude-sonnet-4-20250514',
  'claude-opus-4-1-20250805',
  'claude-3-5-sonnet-20241022',
];

describe('the context window', () => {
  for (const name of large) it(`of "${name}" is large`, () => assert.equal(contextWindow(name), 1_000_000));
  for (const name of small) it(`of "${name}" is small`, () => assert.equal(contextWindow(name), 200_000));
  it('is used to a whole percent', () =>
    assert.deepEqual(contextUse(110_000, 'claude-opus-5'), {
      usedTokens: 110_000,
      windowTokens: 1_000_000,
      usedPercent: 11,
    }));
  // As the CLI's status line said it of these very counts (2.1.329).
  for (const [tokens, percent] of [
    [12, 0],
    [6090, 1],
    [21_918, 2],
    [22_500, 2],
  ] as const)
    it(`of ${tokens} tokens is ${percent} %`, () =>
      assert.equal(contextUse(tokens, 'claude-opus-5-5').usedPercent, percent));
});
