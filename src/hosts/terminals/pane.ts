import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { CancelledError, UserError } from '../../model/errors';
import type { Pane } from '../../model/session/session';
import type { Host } from '../host';
import { beforeEnterMs, typed } from './words';

const timeoutMs = 10_000;

/** One pane of any tmux server of an account, the user's own among them: what it shows, and typing into it. */
export class TmuxPane {
  constructor(
    private readonly host: Host,
    private readonly pane: Pane,
  ) {
    if (!pane.socket.startsWith('/') || !/^%[0-9]{1,9}$/.test(pane.id))
      throw new UserError('That is not a tmux pane.', 'Refresh, and try again.');
  }

  /** Its screen as it is now, with the colours (SGR) of its text. */
  async screen(signal?: AbortSignal): Promise<string> {
    return this.tmux([['capture-pane', '-p', '-e', '-t', this.pane.id]], { signal });
  }

  /**
   * Pastes text as one piece, without a key: through a buffer of its own, so that tmux reads no word of it. Control
   * characters but newline and tab are left out.
   */
  async paste(text: string, signal?: AbortSignal): Promise<void> {
    const buffer = `ts-${randomBytes(6).toString('hex')}`;
    const paste = ['paste-buffer', '-p', '-d', '-b', buffer, '-t', this.pane.id];
    await this.tmux([['load-buffer', '-b', buffer, '-'], paste], { signal, stdin: typed(text) });
  }

  /** Enter for the program, also while somebody scrolls back in the pane. */
  async enter(signal?: AbortSignal): Promise<void> {
    const { id } = this.pane;
    await pause(beforeEnterMs, signal);
    await this.tmux(
      [
        ['if-shell', '-F', '-t', id, '#{pane_in_mode}', `send-keys -X -t ${id} cancel`],
        ['send-keys', '-t', id, 'Enter'],
      ],
      { signal },
    );
  }

  private async tmux(
    commands: readonly (readonly string[])[],
    { signal, stdin }: { signal?: AbortSignal | undefined; stdin?: string },
  ): Promise<string> {
    const words = commands.flatMap((command, index) => [...(index > 0 ? [';'] : []), ...command]);
    const { code, stdout, stderr } = await this.host.run(['tmux', '-u', '-S', this.pane.socket, ...words], {
      timeoutMs,
      ...(signal ? { signal } : {}),
      ...(stdin === undefined ? {} : { stdin }),
    });
    if (code === 0) return stdout.toString();
    throw new UserError(
      `The tmux pane of ${this.pane.sessionName} on ${this.host.name} does not answer: ${stderr.trim().split('\n')[0] || 'no reason given'}.`,
      'Refresh, and try again.',
    );
  }
}

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await wait(milliseconds, undefined, signal ? { signal } : {}).catch(() => {
    throw new CancelledError();
  });
}
