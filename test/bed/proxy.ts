import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Resource } from './bed';

export interface ProxyCounts {
  connections: number;
  /** Bytes from client to target. */
  sent: number;
  /** Bytes from target to client. */
  received: number;
  /** Times that the direction turned from client to target after an answer (the first request included). */
  roundTrips: number;
}

export interface Proxy extends Resource {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly counts: ProxyCounts;
  /** Adds this much to each direction of each connection, from now on, in milliseconds. */
  delay(milliseconds: number): void;
  /** Ends every connection at once, as a pulled cable with a reset; new ones are served. */
  cut(): void;
  /** Connections stay open and accept, but nothing goes through until `resume`. */
  stall(): void;
  /** New connections are closed at once, those open are cut, until `resume`. */
  refuse(): void;
  /** A connection is cut once this many bytes came from the target, and no more go through; undefined: never. */
  cutAfter(bytes: number | undefined): void;
  resume(): void;
}

interface Direction {
  from: Socket;
  to: Socket;
  /** Told what came; answers how much of it may go on. Less than all: the connection is cut after it. */
  admit(bytes: number): number;
}

/** A TCP proxy on loopback that misbehaves on demand. Without a target it accepts and never speaks. */
export async function startProxy(target?: { host?: string; port: number }): Promise<Proxy> {
  const counts: ProxyCounts = { connections: 0, sent: 0, received: 0, roundTrips: 0 };
  const open = new Set<Socket>();
  let refusing = false;
  let delayMs = 0;
  let cutAfterBytes: number | undefined;
  /** Pending while stalled. */
  let flowing = Promise.resolve();
  let flow = (): void => {};

  const server = createServer({ allowHalfOpen: true }, (client) => {
    counts.connections += 1;
    track(client);
    if (refusing) client.resetAndDestroy();
    else if (target) relay(client, target);
    else client.resume();
  });

  function relay(client: Socket, { host = '127.0.0.1', port }: { host?: string; port: number }): void {
    const upstream = track(connect({ host, port, allowHalfOpen: true }));
    let speaker: 'client' | 'target' = 'target';
    let answered = 0;
    forward({
      from: client,
      to: upstream,
      admit: (bytes) => {
        counts.sent += bytes;
        if (speaker === 'target') counts.roundTrips += 1;
        speaker = 'client';
        return bytes;
      },
    });
    forward({
      from: upstream,
      to: client,
      admit: (bytes) => {
        counts.received += bytes;
        speaker = 'target';
        const admitted = Math.min(bytes, Math.max(0, (cutAfterBytes ?? Infinity) - answered));
        answered += bytes;
        return admitted;
      },
    });
  }

  function track(socket: Socket): Socket {
    open.add(socket);
    return socket
      .setNoDelay()
      .on('error', () => socket.destroy())
      .on('close', () => open.delete(socket));
  }

  function forward({ from, to, admit }: Direction): void {
    // Data and end go through one queue, so that nothing overtakes.
    let queue = Promise.resolve();
    const later = (deliver: () => void): void => {
      const due = Date.now() + delayMs;
      queue = queue.then(async () => {
        if (due > Date.now()) await wait(due - Date.now(), undefined, { ref: false });
        await flowing;
        deliver();
      });
    };
    from.on('data', (chunk: Buffer) => {
      const admitted = admit(chunk.length);
      later(() => {
        if (to.writable) to.write(chunk.subarray(0, admitted));
        if (admitted < chunk.length) to.destroy();
      });
    });
    from.on('end', () => later(() => to.end()));
    from.on('close', () => later(() => to.destroy()));
  }

  const cut = (): void => {
    for (const socket of open) socket.resetAndDestroy();
  };

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    counts,
    delay: (milliseconds) => void (delayMs = milliseconds),
    cut,
    stall: () => {
      flowing = new Promise((resolve) => (flow = resolve));
    },
    refuse: () => {
      refusing = true;
      cut();
    },
    cutAfter: (bytes) => void (cutAfterBytes = bytes),
    resume: () => {
      refusing = false;
      flow();
    },
    dispose: async () => {
      cut();
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    },
  };
}

/** A loopback port on which nothing listens: a connection to it is refused. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
