import { startTui, type ClaudeAccount } from '../../bed/claude';
import type { Tmux } from '../../bed/tmux';
import { living, type PlacedSession } from './sessions';

/**
 * Starts the sessions that live in tmux on devserver: one idle after its analysis, one at a permission prompt. Their
 * terminals look as the product makes them.
 */
export async function startLiving(
  sessions: readonly PlacedSession[],
  account: ClaudeAccount,
  tmux: Tmux,
): Promise<void> {
  const bySlot = (wanted: string): PlacedSession => {
    const session = sessions.find(({ slot }) => slot === wanted);
    if (!session) throw new Error(`The demo has no session ${wanted}.`);
    return session;
  };
  const idle = bySlot(living.idle);
  const waiting = bySlot(living.waiting);
  // One after the other: two clients that start a tmux server at once may get two.
  await (await start(idle, account, tmux, ['--resume', idle.id])).reaches('idle');
  const asks = ['--session-id', waiting.id, '--permission-mode', 'default', '--', waiting.prompt];
  await (await start(waiting, account, tmux, asks)).reaches('waiting');
}

async function start(session: PlacedSession, account: ClaudeAccount, tmux: Tmux, args: readonly string[]) {
  const name = `${session.task.key}-${session.id.slice(0, 8)}`;
  const tui = await startTui(account, tmux, { name, cwd: session.directory, args });
  const target = ['-t', `=${name}:`];
  const options = [
    ['status', 'off'],
    ['mouse', 'on'],
    ['@ts_session', session.id],
    ['@ts_key', session.task.key],
  ];
  for (const option of options) await tmux.run(['set-option', ...target, ...option]);
  return tui;
}
