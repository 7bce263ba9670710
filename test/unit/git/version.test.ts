import assert from 'node:assert/strict';
import type { Host } from '../../../src/hosts/host';
import { gitVersion } from '../../../src/sources/git/version';
import { shellHost } from '../claude/shellHost';

describe('the version of git', () => {
  const saying = (text: string): Host => ({
    ...shellHost({}),
    script: async () => ({ code: 0, stdout: Buffer.from(text), stderr: '' }),
  });

  for (const [text, says] of [
    ['git version 2.39.5\n', /^2\.39\.5$/],
    ['git version 2.39.5 (Apple Git-154)\n', /^2\.39\.5$/],
    ['git version 2.47.0.windows.2\n', /^2\.47\.0\.windows\.2$/],
    ['git version 3.0\n', /^3\.0$/],
    ['git version 2.37.9\n', /^2\.37\.9; from 2\.38 on/],
  ] as const)
    it(`is read from "${text.trim()}"`, async () => assert.match(await gitVersion(saying(text)), says));

  for (const [text, says] of [
    ['git version 2.25.1\n', /^2\.25\.1 is too old/],
    ['git version 1.99\n', /^1\.99 is too old/],
    ['', /^not found/],
    ['usage: git\n', /^not found/],
  ] as const)
    it(`is a complaint with "${text.trim()}"`, () =>
      assert.rejects(gitVersion(saying(text)), ({ message }: Error) => says.test(message)));

  it('is asked of the host', async () => {
    assert.match(await gitVersion(shellHost({ PATH: process.env['PATH'] })), /^\d+\.\d+/);
    await assert.rejects(gitVersion(shellHost({ PATH: '/nonexistent' }, ['/bin/sh'])), /not found/);
  });
});
