import assert from 'node:assert/strict';
import { CancelledError, errorLine, isCancelled, UserError } from '../../../src/model/errors';

describe('a failure in words', () => {
  const cases: [what: string, error: unknown, line: string][] = [
    ['what happened and the next step', new UserError('No such host.', 'Add it to the settings.'), 'No such host. Add it to the settings.'],
    ['only what happened', new UserError('No such host.', ''), 'No such host.'],
    ['a defect, without its stack', new TypeError('x is undefined'), 'x is undefined'],
    ['a text', 'thrown', 'thrown'],
    ['nothing', undefined, 'undefined'],
  ]; // prettier-ignore
  for (const [what, error, line] of cases) it(`is ${what}`, () => assert.equal(errorLine(error), line));

  it('is none where somebody gave up', () => {
    const aborted = AbortSignal.abort().reason as unknown;
    for (const error of [new CancelledError(), aborted, new DOMException('', 'AbortError')])
      assert.ok(isCancelled(error));
    const timedOut = new DOMException('', 'TimeoutError');
    for (const error of [new Error('AbortError'), timedOut, new UserError('', ''), 'AbortError', null])
      assert.ok(!isCancelled(error));
  });
});
