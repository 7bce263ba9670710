import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { Bed } from '../bed/bed';
import { startProxy } from '../bed/proxy';
import { until } from '../bed/until';

describe('test bed: proxy', () => {
  const bed = new Bed();
  let echo: Server;
  let port: number;

  before(async () => {
    echo = createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(0, '127.0.0.1');
    await once(echo, 'listening');
    port = (echo.address() as AddressInfo).port;
  });
  after(async () => {
    await bed.dispose();
    echo.close();
  });

  /** Also when an error comes first, which would make `once` reject. */
  const closed = (socket: Socket): Promise<void> =>
    new Promise((done) => socket.on('error', () => {}).on('close', () => done()));

  it('counts connections, bytes and round trips', async () => {
    const proxy = await bed.add(startProxy({ port }));
    const socket = connect(proxy.port, '127.0.0.1');
    for (const text of ['one', 'three']) {
      socket.write(text);
      assert.equal(String((await once(socket, 'data'))[0]), text);
    }
    socket.end();
    await once(socket, 'close');
    assert.deepEqual(proxy.counts, { connections: 1, sent: 8, received: 8, roundTrips: 2 });
  });

  it('delays each direction', async () => {
    const proxy = await bed.add(startProxy({ port }));
    proxy.delay(100);
    const startedAt = Date.now();
    const socket = connect(proxy.port, '127.0.0.1');
    socket.write('x');
    await once(socket, 'data');
    assert.ok(Date.now() - startedAt >= 195, `${Date.now() - startedAt} ms`);
    socket.destroy();
  });

  it('stalls without closing, and goes on', async () => {
    const proxy = await bed.add(startProxy({ port }));
    const socket = connect(proxy.port, '127.0.0.1');
    await once(socket, 'connect');
    proxy.stall();
    socket.write('held');
    await until(() => proxy.counts.sent === 4, { what: 'the proxy holds the bytes' });
    assert.equal(proxy.counts.received, 0);
    proxy.resume();
    assert.equal(String((await once(socket, 'data'))[0]), 'held');
    socket.destroy();
  });

  it('refuses, then serves again', async () => {
    const proxy = await bed.add(startProxy({ port }));
    proxy.refuse();
    await closed(connect(proxy.port, '127.0.0.1'));
    proxy.resume();
    const socket = connect(proxy.port, '127.0.0.1');
    socket.write('again');
    assert.equal(String((await once(socket, 'data'))[0]), 'again');
    socket.destroy();
  });

  it('cuts an answer short', async () => {
    const proxy = await bed.add(startProxy({ port }));
    proxy.cutAfter(3);
    const socket = connect(proxy.port, '127.0.0.1');
    let got = '';
    socket.on('data', (chunk: Buffer) => (got += chunk.toString()));
    socket.write('abcdef');
    await closed(socket);
    assert.equal(got, 'abc');
  });
});
