import assert from 'node:assert/strict';
import { proxyFor } from '../../../src/sources/jira/http/proxy';

describe('The proxy for Jira', () => {
  const proxy = 'http://proxy.example:3128';
  const cases: { target?: string; env: NodeJS.ProcessEnv; expected: string | undefined }[] = [
    { env: {}, expected: undefined },
    { env: { HTTPS_PROXY: proxy }, expected: `${proxy}/` },
    { env: { https_proxy: 'proxy.example:3128' }, expected: `${proxy}/` },
    { env: { ALL_PROXY: proxy }, expected: `${proxy}/` },
    { env: { ALL_PROXY: 'socks5://proxy.example' }, expected: undefined },
    { env: { HTTP_PROXY: proxy }, expected: undefined },
    { env: { HTTPS_PROXY: 'http://' }, expected: undefined },
    { target: 'http://127.0.0.1:8080', env: { HTTPS_PROXY: proxy }, expected: undefined },
    ...[
      '*',
      'jira.acme.example',
      '.acme.example',
      '*.acme.example',
      'a, acme.example',
      'jira.acme.example:443',
    ].map((list) => ({ env: { HTTPS_PROXY: proxy, NO_PROXY: list }, expected: undefined })),
    ...['cme.example', 'jira.acme.example:8443', 'example.org', ''].map((list) => ({
      env: { HTTPS_PROXY: proxy, no_proxy: list },
      expected: `${proxy}/`,
    })),
  ];
  for (const { target = 'https://jira.acme.example', env, expected } of cases)
    it(`is ${expected} for ${target} with ${JSON.stringify(env)}`, () =>
      assert.equal(proxyFor(new URL(target), env)?.href, expected));
});
