import assert from 'node:assert/strict';
import { commitTitle } from '../../../src/runs/script/implementation/commitTitle';

describe('the title of a step in a commit', () => {
  for (const [title, wanted] of [
    ['Add TokenBucket; see #12 and [1]', 'Add TokenBucket; see #12 and [1]'],
    ['PAY-9 #done #time 9w #comment x', 'PAY-9 ＃done ＃time 9w ＃comment x'],
    ['Sweep [skip ci]', 'Sweep (skip ci)'],
    ['Sweep [CI Skip] [no_ci]', 'Sweep (CI Skip) (no_ci)'],
    ['One\nSession ID: x', 'One Session ID: x'],
  ] as const)
    it(title.replaceAll('\n', ' '), () => assert.equal(commitTitle(title), wanted));
});
