import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Resource } from './bed';
import { run } from './command';
import type { CommandResult } from './command';
import { kill } from './kill';

export interface Tmux extends Resource {
  /** TMUX_TMPDIR: every server started with it is private to this test, and ended with it. */
  readonly folder: string;
  /** Give it to what runs tmux by itself: no $TMUX, so that a test inside tmux is not nested. */
  readonly env: NodeJS.ProcessEnv;
  /** Runs `tmux -u -L <socket> …`, by default on the product's socket, without anybody's tmux.conf. */
  run(args: readonly string[], options?: { socket?: string; input?: string }): Promise<CommandResult>;
  /** The whole history and screen of a session's pane, as text. */
  screen(session: string, socket?: string): Promise<string>;
}

/** A private world of tmux servers under `folder` (which has to be short: sockets go into it). */
export async function makeTmux(folder: string, base: NodeJS.ProcessEnv = {}): Promise<Tmux> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const env: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    HOME: folder,
    TERM: 'xterm-256color',
    LANG: 'C.UTF-8',
    SHELL: '/bin/sh',
    ...base,
    TMUX_TMPDIR: folder,
  };
  const tmux: Tmux['run'] = (args, { socket = 'task-sessions', input } = {}) =>
    run(['tmux', '-u', '-L', socket, '-f', '/dev/null', ...args], {
      env,
      ...(input === undefined ? {} : { input }),
    });

  return {
    folder,
    env,
    run: tmux,
    screen: async (session, socket) => {
      const args = ['capture-pane', '-p', '-J', '-S', '-', '-t', `=${session}:`];
      return (await tmux(args, socket === undefined ? {} : { socket })).stdout;
    },
    dispose: async () => {
      for (const user of await readdir(folder)) {
        if (!user.startsWith('tmux-')) continue;
        for (const socket of await readdir(join(folder, user)))
          await endServer((args) => tmux(args, { socket }));
      }
    },
  };
}

/** Ends a server and what ignores the hang-up in its panes: a pane's process leads a group of its own. */
async function endServer(tmux: (args: string[]) => Promise<CommandResult>): Promise<void> {
  const panes = await tmux(['list-panes', '-a', '-F', '#{pane_pid}']);
  await tmux(['kill-server']);
  for (const line of panes.stdout.split('\n').filter(Boolean)) kill(-Number(line));
}
