import assert from 'node:assert/strict';
import { plain, table } from '../../../src/cli/output';

describe('a line for a terminal', () => {
  const cases: [what: string, text: string, shown: string][] = [
    ['plain text', 'Refunds charge twice – ünï 返金', 'Refunds charge twice – ünï 返金'],
    ['line ends and tabs', 'a\nb\r\nc\td', 'a b  c d'],
    ['colours', '\x1b[31mred\x1b[0m', '\\u001b[31mred\\u001b[0m'],
    ['a title', '\x1b]0;owned\x07', '\\u001b]0;owned\\u0007'],
    ['8-bit control', 'a\x9b31m', 'a\\u009b31m'],
    ['directions', 'txt\u202egpj', 'txt\\u202egpj'],
    ['hidden characters', 'a\u200bb\ufeff', 'a\\u200bb\\ufeff'],
    ['a family', '👩\u200d👧', '👩\u200d👧'],
  ];
  for (const [what, text, shown] of cases)
    it(`shows ${what} and does nothing`, () => assert.equal(plain(text), shown));

  it('aligns columns, as a person counts characters', () => {
    assert.deepEqual(table([['PAY-1', 'é', 'x'], ['P-22222', 'e\u0301e', 'a long end']]), [
      'PAY-1    é   x',
      'P-22222  e\u0301e  a long end',
    ]); // prettier-ignore
    assert.deepEqual(table([['a', ''], ['b']]), ['a', 'b']);
    assert.deepEqual(table([]), []);
    assert.deepEqual(table([['a\nb', 'c']]), ['a b  c']);
  });
});
