import type { Socket } from 'node:net';
import { dial, readCards } from './cards';
import { readFrames, replySchema, write } from './frames';
import type { End } from './frames';

/** Ctrl-\, plain and as programs ask for it in the newer keyboard protocol. */
const detachKeys = ['\u001c', '\u001b[92;5u', '\u001b[27;5;92~'];

/** Undoes what the program may have set in the user's terminal: screen, mouse, paste, keys, cursor, colors. */
const leave =
  '\u001b[?1049l\u001b[?1000l\u001b[?1002l\u001b[?1003l\u001b[?1006l\u001b[?1004l\u001b[?2004l\u001b[?1l\u001b[<u\u001b[>4;0m\u001b>\u001b[?25h\u001b[0m\r\n';

/** Shows a supervised terminal in this one until it ends, is detached (Ctrl-\), or this one closes. Returns the exit code. */
export async function attach(folder: string, name: string, readOnly: boolean): Promise<number> {
  const card = (await readCards(folder)).find((candidate) => candidate.name === name);
  if (!card) {
    process.stderr.write(`There is no terminal ${name}.\n`);
    return 1;
  }
  const socket = card.ended ? undefined : await dial(card);
  if (!socket) {
    process.stdout.write(`${card.ended?.text ?? ''}\n[${endLine(card.ended?.end ?? {})}]\n`);
    return 0;
  }
  write(socket, { kind: 'hello', token: card.token });
  return show(socket, readOnly);
}

function show(socket: Socket, readOnly: boolean): Promise<number> {
  const { stdin, stdout } = process;
  const size = (): { columns: number; rows: number } => ({
    columns: Math.min(1000, Math.max(2, stdout.columns || 80)),
    rows: Math.min(1000, Math.max(2, stdout.rows || 24)),
  });
  return new Promise((resolve) => {
    const finish = (line: string, code: number): void => {
      if (stdin.isTTY) stdin.setRawMode(false);
      stdin.pause();
      socket.destroy();
      stdout.write(`${leave}[${line}]\r\n`, () => resolve(code));
    };
    readFrames(socket, replySchema, (reply) => {
      if (reply.kind === 'ended') finish(endLine(reply.end), 0);
      else if (reply.kind === 'output' && !stdout.write(reply.data)) {
        // A slow terminal: the supervisor notices, and sends the whole screen when we are ready.
        socket.pause();
        stdout.once('drain', () => socket.resume());
      }
    });
    socket.on('error', () => {});
    socket.on('close', () => finish('the connection to the terminal was lost', 1));

    if (stdin.isTTY) stdin.setRawMode(true);
    stdin.setEncoding('utf8');
    stdin.on('data', (data: string) => {
      const at = Math.min(...detachKeys.map((key) => data.indexOf(key)).filter((index) => index >= 0));
      const typed = data.slice(0, at);
      if (typed !== '') write(socket, { kind: 'input', data: typed });
      if (Number.isFinite(at)) finish('detached', 0);
    });
    stdin.on('end', () => finish('detached', 0));
    stdout.on('error', () => finish('detached', 0));
    stdout.on('resize', () => write(socket, { kind: 'resize', ...size() }));
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => finish('detached', 0));
    write(socket, { kind: 'watch', readOnly, ...size() });
  });
}

function endLine({ status, signal }: End): string {
  if (signal !== undefined) return `ended by signal ${signal}`;
  return status === undefined ? 'ended' : `ended with status ${status}`;
}
