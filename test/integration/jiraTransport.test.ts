import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import * as http from 'node:http';
import * as https from 'node:https';
import * as net from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { JiraError } from '../../src/sources/jira/errors';
import { trustWith } from '../../src/sources/http/certificates';
import { Transport, isSafePath } from '../../src/sources/jira/transport';
import type { TransportOptions } from '../../src/sources/jira/transport';
import { silentLog } from '../../src/util/log';
import { output } from '../bed/command';
import { until } from '../bed/until';

interface Seen {
  method: string;
  url: string;
  authorization: string | undefined;
}

describe('The transport to Jira', () => {
  const servers: (http.Server | https.Server)[] = [];
  const transports: Transport[] = [];

  async function serve(handle: http.RequestListener): Promise<{ url: string; seen: Seen[] }> {
    const seen: Seen[] = [];
    const server = http.createServer((request, response) => {
      const { method = '', url = '', headers } = request;
      seen.push({ method, url, authorization: headers.authorization });
      handle(request, response);
    });
    servers.push(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
  }

  function open(apiUrl: string, options: Partial<TransportOptions> = {}): Transport {
    const transport = new Transport({
      apiUrl,
      authorization: 'Bearer secret',
      log: silentLog,
      pauseMs: 1,
      ...options,
    });
    transports.push(transport);
    return transport;
  }

  const json = (response: http.ServerResponse, body: unknown, status = 200, headers = {}) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

  const kindOf = async (attempt: Promise<unknown>): Promise<string> => {
    try {
      await attempt;
    } catch (error) {
      if (error instanceof JiraError) return error.kind;
      throw error;
    }
    return assert.fail('it succeeded');
  };

  afterEach(() => {
    for (const transport of transports.splice(0)) transport.close();
    for (const server of servers.splice(0)) {
      server.close();
      server.closeAllConnections();
    }
  });

  it('keeps the context path, encodes the query and carries the token', async () => {
    const { url, seen } = await serve((_, response) => json(response, { ok: 1 }));
    const transport = open(`${url}/jira/`);
    await transport.send({
      url: '/rest/api/2/search',
      searchParams: { jql: 'a = "ä&b"', fields: ['x', 'y'], no: undefined },
    });
    assert.deepEqual(seen, [
      {
        method: 'GET',
        url: '/jira/rest/api/2/search?jql=a+%3D+%22%C3%A4%26b%22&fields=x%2Cy',
        authorization: 'Bearer secret',
      },
    ]);
  });

  for (const path of [
    '/rest/P-1/../P-2',
    '/rest/P-1/%2e%2E/x',
    '/a%2fb',
    '/rest?x=1',
    '//evil.example/x',
    'rest',
    '/a b',
    '/a#b',
    '/a\\b',
  ])
    it(`refuses the path ${path}`, async () => {
      assert.equal(isSafePath(path), false);
      await assert.rejects(open('http://127.0.0.1:1').send({ url: path }), /Not a path/);
    });

  it('follows a redirect within the origin, and never takes the token to another', async () => {
    const other = await serve((_, response) => json(response, {}));
    const { url, seen } = await serve((request, response) => {
      if (request.url === '/away') response.writeHead(302, { location: `${other.url}/login` }).end();
      else if (request.url === '/moved') response.writeHead(301, { location: '/there' }).end();
      else json(response, { here: true });
    });
    assert.deepEqual(await open(url).send({ url: '/moved' }), { here: true });
    assert.deepEqual(
      seen.map((request) => request.url),
      ['/moved', '/there'],
    );
    await assert.rejects(open(url).send({ url: '/away' }), (error: JiraError) =>
      error.line.includes(other.url),
    );
    assert.equal(await kindOf(open(url).send({ url: '/moved', method: 'POST', body: {} })), 'notJira');
    assert.deepEqual(other.seen, []);
  });

  it('gives up in time on a server that never answers, or stops in the middle', async () => {
    const { url } = await serve((request, response) => {
      if (request.url === '/middle') response.writeHead(200, { 'content-length': 100 }).write('{"a":');
    });
    for (const path of ['/never', '/middle']) {
      const start = performance.now();
      assert.equal(await kindOf(open(url, { timeoutMs: 150 }).send({ url: path })), 'timeout');
      assert.ok(performance.now() - start < 15_000);
    }
  });

  it('stops at once when asked to: before, during and between attempts', async () => {
    const { url, seen } = await serve((request, response) => {
      if (request.url === '/busy') json(response, {}, 503);
    });
    const gone = AbortSignal.abort();
    await assert.rejects(open(url).send({ url: '/x' }, { signal: gone }), { name: 'CancelledError' });
    assert.equal(seen.length, 0);
    const during = new AbortController();
    const hanging = open(url).send({ url: '/x' }, { signal: during.signal });
    await until(() => seen.length === 1, { what: 'it is asked' });
    during.abort();
    await assert.rejects(hanging, { name: 'CancelledError' });
    const between = new AbortController();
    const waiting = open(url, { pauseMs: 60_000, maxPauseMs: 120_000 }).send(
      { url: '/busy' },
      { signal: between.signal },
    );
    await until(() => seen.length === 2, { what: 'it is asked again' });
    between.abort();
    await assert.rejects(waiting, { name: 'CancelledError' });
  });

  it('tries again what may be sent twice, and nothing else', async () => {
    const { url, seen } = await serve((_, response) => json(response, {}, 503));
    const attempts = async (method: 'GET' | 'POST' | 'PUT', idempotent?: boolean) => {
      seen.length = 0;
      const call = idempotent === undefined ? {} : { idempotent };
      assert.equal(
        await kindOf(open(url).send({ url: '/x', method, ...(method === 'GET' ? {} : { body: {} }) }, call)),
        'server',
      );
      return seen.length;
    };
    assert.equal(await attempts('GET'), 3);
    assert.equal(await attempts('POST'), 1);
    assert.equal(await attempts('PUT'), 1);
    assert.equal(await attempts('POST', true), 3);
    assert.equal(await attempts('PUT', true), 3);
  });

  it('does not send a POST twice when the connection ends without an answer', async () => {
    const { url, seen } = await serve((request) => void request.socket.destroy());
    assert.equal(await kindOf(open(url).send({ url: '/comment', method: 'POST', body: {} })), 'network');
    assert.equal(seen.length, 1);
    assert.equal(await kindOf(open(url).send({ url: '/x' })), 'network');
    assert.equal(seen.length, 4);
  });

  it('waits as long as Retry-After says, or fails and passes it on', async () => {
    let first = true;
    const { url } = await serve((request, response) => {
      const seconds = request.url === '/long' ? '120' : '2';
      if (!first) return json(response, { done: true });
      first = request.url === '/long';
      return json(response, {}, 429, { 'retry-after': seconds });
    });
    const pauses: number[] = [];
    const pause = async (ms: number) => void pauses.push(ms);
    assert.deepEqual(await open(url, { pause }).send({ url: '/short' }), { done: true });
    assert.deepEqual(pauses, [2000]);
    first = true;
    await assert.rejects(open(url, { pause }).send({ url: '/long' }), {
      kind: 'rateLimited',
      retryAfterMs: 120_000,
    });
    assert.equal(pauses.length, 1);
  });

  it('doubles its pauses, with jitter', async () => {
    const { url } = await serve((_, response) => json(response, {}, 502));
    const pauses: number[] = [];
    const pause = async (ms: number) => void pauses.push(Math.round(ms));
    const options = { pause, pauseMs: 500, attempts: 4 };
    await assert.rejects(open(url, { ...options, random: () => 0 }).send({ url: '/x' }));
    await assert.rejects(open(url, { ...options, random: () => 1 }).send({ url: '/x' }));
    assert.deepEqual(pauses, [350, 700, 1400, 650, 1300, 2600]);
  });

  it('takes gzip, and bounds what comes out of it', async () => {
    const { url } = await serve((request, response) => {
      const body = request.url === '/bomb' ? '0'.repeat(50_000_000) : '{"a":1}';
      response
        .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
        .end(gzipSync(body));
    });
    assert.deepEqual(await open(url).send({ url: '/x' }), { a: 1 });
    assert.equal(await kindOf(open(url, { maxBytes: 1_000_000 }).send({ url: '/bomb' })), 'tooLarge');
  });

  it('recognises answers that are not Jira’s', async () => {
    const { url } = await serve((request, response) => {
      if (request.url === '/html')
        response.writeHead(200, { 'content-type': 'text/html' }).end('<html>sign in</html>');
      else if (request.url === '/untyped') response.writeHead(200).end('\n<!doctype html>');
      else if (request.url === '/text')
        response.writeHead(200, { 'content-type': 'application/json' }).end('sorry');
      else if (request.url === '/badzip')
        response.writeHead(200, { 'content-encoding': 'gzip' }).end('not gzip');
      else response.writeHead(204).end();
    });
    for (const path of ['/html', '/untyped', '/text'])
      assert.equal(await kindOf(open(url).send({ url: path })), 'notJira');
    assert.equal(await kindOf(open(url).send({ url: '/badzip' })), 'network');
    assert.equal(await open(url).send({ url: '/nothing' }), undefined);
  });

  it('falls into no anonymous trap', async () => {
    const { url } = await serve((request, response) =>
      json(response, { issues: [] }, 200, {
        'x-seraph-loginreason': decodeURIComponent(request.url?.slice(1) ?? ''),
      }),
    );
    for (const reason of ['AUTHENTICATED_FAILED', 'OUT', 'OK,AUTHENTICATED_FAILED'])
      assert.equal(await kindOf(open(url).send({ url: `/${reason}` })), 'auth');
    assert.deepEqual(await open(url).send({ url: '/OK' }), { issues: [] });
    const stranger = new Transport({ apiUrl: url, log: silentLog });
    transports.push(stranger);
    assert.deepEqual(await stranger.send({ url: '/OUT' }), { issues: [] });
  });

  it('shows Jira’s own words on one line, without characters that deceive', async () => {
    const { url } = await serve((_, response) =>
      json(response, { errorMessages: ['bad\n\u202efield'], errors: { comment: 'too long' } }, 400),
    );
    await assert.rejects(open(url).send({ url: '/x' }), {
      kind: 'invalidRequest',
      message: 'Jira refused the request (HTTP 400): “bad field comment: too long”.',
    });
  });

  it('logs method, path, status and time of each request, and nothing more', async () => {
    const { url } = await serve((request, response) =>
      json(response, {}, request.url?.startsWith('/bad') ? 500 : 200),
    );
    const lines: string[] = [];
    const log = { ...silentLog, debug: (line: string) => void lines.push(line) };
    await open(url, { log }).send({ url: '/search', searchParams: { jql: 'secret' } });
    await assert.rejects(open(url, { log }).send({ url: '/bad', method: 'POST', body: { secret: 1 } }));
    await assert.rejects(open('http://127.0.0.1:1', { log }).send({ url: '/down' }));
    assert.deepEqual(
      lines.map((line) => line.replace(/\d+ ms/, 'N ms')),
      ['Jira: GET /search 200 N ms', 'Jira: POST /bad 500 N ms', 'Jira: GET /down network N ms'],
    );
  });

  describe('with a certificate of an unknown authority', () => {
    let directory: string;
    let secure: https.Server;
    let url: string;

    before(async () => {
      directory = await mkdtemp(join(tmpdir(), 'task-sessions-'));
      const key = join(directory, 'key.pem');
      const cert = join(directory, 'cert.pem');
      const request =
        'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost';
      const name = ['-addext', 'subjectAltName=DNS:localhost'];
      await output(['openssl', ...request.split(' '), ...name, '-keyout', key, '-out', cert]);
      secure = https.createServer({ key: await readFile(key), cert: await readFile(cert) }, (_, response) =>
        json(response, { secure: true }),
      );
      await once(secure.listen(0, '127.0.0.1'), 'listening');
      url = `https://localhost:${(secure.address() as AddressInfo).port}`;
      await writeFile(join(directory, 'bundle.pem'), `# our root\n${await readFile(cert, 'utf8')}`);
      await writeFile(join(directory, 'empty.pem'), 'nothing here');
    });
    after(async () => {
      secure.close();
      secure.closeAllConnections();
      await rm(directory, { recursive: true });
    });

    it('fails, and names jira.caFile', async () => {
      await assert.rejects(open(url).send({ url: '/x' }), (error: JiraError) => {
        assert.equal(error.kind, 'tls');
        assert.match(error.next, /jira\.caFile/);
        return true;
      });
    });

    it('works with jira.caFile', async () => {
      const secureContext = await trustWith(join(directory, 'bundle.pem'));
      assert.deepEqual(await open(url, { secureContext }).send({ url: '/x' }), { secure: true });
      const post = { url: '/x', method: 'POST' as const, body: {} };
      assert.deepEqual(await open(url, { secureContext }).send(post), { secure: true });
    });

    it('still checks the name', async () => {
      const secureContext = await trustWith(join(directory, 'bundle.pem'));
      await assert.rejects(
        open(url.replace('localhost', '127.0.0.1'), { secureContext }).send({ url: '/x' }),
        /certificate of .* is for another name/,
      );
    });

    it('goes through the proxy of the environment, with its login', async () => {
      const secureContext = await trustWith(join(directory, 'bundle.pem'));
      const met: string[] = [];
      const proxy = http.createServer().on('connect', (request: http.IncomingMessage, client: net.Socket) => {
        met.push(`${request.url} ${request.headers['proxy-authorization']}`);
        if (met.length > 2) return client.end('HTTP/1.1 407 Login\r\n\r\n');
        const server = net.connect(Number(new URL(url).port), '127.0.0.1', () => {
          client.write('HTTP/1.1 200 Connected\r\n\r\n');
          client.pipe(server).pipe(client);
        });
        server.on('error', () => client.destroy());
        return client.on('error', () => server.destroy());
      });
      servers.push(proxy);
      await once(proxy.listen(0, '127.0.0.1'), 'listening');
      const env = { HTTPS_PROXY: `http://me:pass%20word@127.0.0.1:${(proxy.address() as AddressInfo).port}` };
      const transport = open(url, { secureContext, env });
      assert.deepEqual(await transport.send({ url: '/x' }), { secure: true });
      assert.deepEqual(await transport.send({ url: '/x' }), { secure: true });
      assert.deepEqual(await transport.send({ url: '/x', method: 'POST', body: {} }), { secure: true });
      const login = `Basic ${Buffer.from('me:pass word').toString('base64')}`;
      assert.deepEqual(met, [`${new URL(url).host} ${login}`, `${new URL(url).host} ${login}`]);
      await assert.rejects(open(url, { env, attempts: 1 }).send({ url: '/x' }), /the proxy asks for a login/);
      await assert.rejects(
        open(url, { env: { HTTPS_PROXY: '127.0.0.1:1' }, attempts: 1 }).send({ url: '/x' }),
        /proxy: ECONNREFUSED/,
      );
      const exempt = open(url, { secureContext, env: { ...env, NO_PROXY: 'x.example, localhost' } });
      assert.deepEqual(await exempt.send({ url: '/x' }), { secure: true });
    });

    it('says which file is no use', async () => {
      await assert.rejects(trustWith(join(directory, 'none.pem')), /none\.pem cannot be read/);
      await assert.rejects(trustWith(join(directory, 'empty.pem')), /holds no PEM certificate/);
      assert.equal(await trustWith(''), undefined);
    });
  });
});
