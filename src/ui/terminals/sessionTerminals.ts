import { readFileSync } from 'node:fs';
import * as vscode from 'vscode';
import type { OpenTerminal } from '../../actions/session/resume/plan';
import { scrubbedEnv } from '../../hosts/environment';
import type { Settings } from '../../model/settings';
import { heldCommand, type WhenFailed } from './heldCommand';

/** What a terminal is opened for, and how it looks. */
export type TerminalRequest = Pick<OpenTerminal, 'id' | 'title' | 'host' | 'argv' | 'env'> & {
  icon: string;
  whenFailed: WhenFailed;
};

/** Process id and start of each terminal's process: after a reboot another process may have the id. */
type Remembered = Record<string, string>;
const memoryKey = 'taskSessions.terminals';

/** How long to wait for VS Code to give a terminal back after a window reload, in milliseconds. */
const returnMs = 3000;

/** What the window's own terminals have and ours shall keep: the rest of their environment is not for a session. */
function environment(): Record<string, string> {
  const kept = Object.entries(scrubbedEnv(process.env)).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return { ...Object.fromEntries(kept), COLORTERM: 'truecolor' };
}

/**
 * VS Code terminals, one for each session: an open one is revealed, never doubled. After a window reload VS Code gives
 * panel terminals back nameless and late; they are known by the process id kept in workspace state.
 */
export class SessionTerminals implements vscode.Disposable {
  private readonly open = new Map<string, vscode.Terminal>();
  private readonly subscriptions: vscode.Disposable[];
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly memory: vscode.Memento,
    private readonly location: () => Settings['terminal']['location'],
  ) {
    this.subscriptions = [
      vscode.window.onDidOpenTerminal((terminal) => void this.adopt(terminal)),
      vscode.window.onDidCloseTerminal((terminal) => void this.forget(terminal)),
    ];
    for (const terminal of vscode.window.terminals) void this.adopt(terminal);
  }

  /** Reveals the terminal of `request.id`, or opens one; one call after the other, so that two clicks open one. */
  show(request: TerminalRequest): Promise<void> {
    const shown = this.last.then(() => this.showNow(request));
    this.last = shown.catch(() => undefined);
    return shown;
  }

  /** Shows the terminal of this id if it is open. */
  reveal(id: string): boolean {
    if (!this.isOpen(id)) return false;
    this.open.get(id)?.show();
    return true;
  }

  isOpen(id: string): boolean {
    const terminal = this.open.get(id);
    return terminal !== undefined && terminal.exitStatus === undefined;
  }

  private async showNow(request: TerminalRequest): Promise<void> {
    const name = this.nameFor(request);
    const existing = this.open.get(request.id) ?? (await this.returning(request.id));
    if (existing && existing.exitStatus === undefined) {
      existing.show();
      // A terminal that came back after a reload has lost its name; renaming works on the active one only.
      if (existing.name !== name)
        await vscode.commands.executeCommand('workbench.action.terminal.renameWithArg', { name });
      return;
    }
    const [shellPath, ...shellArgs] = heldCommand(request.argv, request.whenFailed);
    const terminal = vscode.window.createTerminal({
      name,
      ...(shellPath !== undefined && { shellPath }),
      shellArgs,
      iconPath: new vscode.ThemeIcon(request.icon),
      location: this.location() === 'editor' ? vscode.TerminalLocation.Editor : vscode.TerminalLocation.Panel,
      env: { ...environment(), ...request.env },
      // Neither the window's own variables nor those that other extensions add.
      strictEnv: true,
    });
    this.open.set(request.id, terminal);
    terminal.show();
    const pid = await terminal.processId;
    if (pid !== undefined) await this.remember({ ...this.remembered, [request.id]: markOf(pid) });
  }

  /** The title; where another session's terminal bears it already, with the host. */
  private nameFor({ id, title, host }: TerminalRequest): string {
    const taken = [...this.open].some(
      ([other, terminal]) => other !== id && terminal.exitStatus === undefined && terminal.name === title,
    );
    return taken ? `${title} on ${host}` : title;
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private get remembered(): Remembered {
    return this.memory.get<Remembered>(memoryKey, {});
  }

  private async remember(value: Remembered): Promise<void> {
    await this.memory.update(memoryKey, value);
  }

  private async adopt(terminal: vscode.Terminal): Promise<string | undefined> {
    const pid = await terminal.processId;
    if (pid === undefined) return undefined;
    const id = Object.entries(this.remembered).find(([, known]) => known === markOf(pid))?.[0];
    if (id !== undefined && !this.open.has(id)) this.open.set(id, terminal);
    return id;
  }

  /** Waits for a remembered terminal that VS Code has not given back yet. */
  private async returning(id: string): Promise<vscode.Terminal | undefined> {
    const mark = this.remembered[id];
    const pid = Number(mark?.split(' ')[0]);
    if (mark === undefined || !isAlive(pid) || markOf(pid) !== mark) return undefined;
    for (const terminal of vscode.window.terminals) if ((await terminal.processId) === pid) return terminal;
    return new Promise((resolve) => {
      const listener = vscode.window.onDidOpenTerminal(async (terminal) => {
        if ((await terminal.processId) === pid) finish(terminal);
      });
      const timer = setTimeout(() => finish(undefined), returnMs);
      const finish = (terminal: vscode.Terminal | undefined): void => {
        listener.dispose();
        clearTimeout(timer);
        if (terminal) this.open.set(id, terminal);
        resolve(terminal);
      };
    });
  }

  private async forget(closed: vscode.Terminal): Promise<void> {
    for (const [id, terminal] of this.open)
      if (terminal === closed) {
        this.open.delete(id);
        const { [id]: _, ...rest } = this.remembered;
        await this.remember(rest);
      }
  }
}

/** `PID START`; the start only where the system tells it in a file. */
function markOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may hold anything; word 20 after it is the start time.
    return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''}`;
  } catch {
    return String(pid);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
