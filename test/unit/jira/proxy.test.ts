import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { exchange } from '../../../src/sources/http/exchange';
import { proxyFor, TunnelAgent } from '../../../src/sources/http/proxy';

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

  describe('that does not answer', () => {
    const server = createServer();
    before(() => once(server.listen(0, '127.0.0.1'), 'listening'));
    after(() => server.close());

    const call = (more: { signal?: AbortSignal; timeoutMs: number }) =>
      exchange({
        method: 'GET',
        url: new URL('https://jira.acme.example/'),
        headers: {},
        maxBytes: 100,
        agent: new TunnelAgent(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), {}),
        ...more,
      });

    it('is left at once when the request is given up', async () => {
      const abort = new AbortController();
      const connected = once(server, 'connection') as Promise<[Socket]>;
      const refused = assert.rejects(call({ signal: abort.signal, timeoutMs: 10_000 }), {
        name: 'CancelledError',
      });
      const [socket] = await connected;
      socket.resume();
      const closed = once(socket, 'close');
      abort.abort();
      await Promise.all([refused, closed]);
    });

    it('costs no more than the time of the request', () =>
      assert.rejects(call({ timeoutMs: 100 }), /did not answer|within|timeout/i));
  });
});
