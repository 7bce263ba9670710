import type { Host } from '../../../hosts/host';
import type { Terminals, TerminalSpec } from '../../../hosts/terminals';
import { TmuxTerminals } from '../../../hosts/terminals/tmux';
import { shortId } from '../../../model/names';
import type { Pane, Session } from '../../../model/session/session';
import type { Task } from '../../../model/task/task';
import { throughLoginShell } from '../../../sources/claude/launch/launch';
import type { OpenTerminal } from './plan';
import { addRoot, allowedFunction } from './checks/roots';

/** The terminals of this machine through which a session is seen: one for each session and way of looking. */

/** Its own pane, in whichever tmux server of the account it lives. */
export const paneOf = (host: Host, pane: Pane, session: Session, task?: Task): OpenTerminal => ({
  ...common(host, session, task),
  argv: new TmuxTerminals(host).paneAttachArgv(pane),
  name: pane.sessionName,
});

/** One of Claude's own background sessions. */
export const backgroundOf = (
  host: Host,
  configDir: string | undefined,
  session: Session,
  task?: Task,
): OpenTerminal => ({
  ...common(host, session, task),
  argv: host.interactive(
    throughLoginShell([
      ...(configDir ? ['env', `CLAUDE_CONFIG_DIR=${configDir}`] : []),
      host.settings.claudePath ?? 'claude',
      'attach',
      shortId(session.id),
    ]),
  ),
});

/** What keeps a session alive shows it, by its terminal's name. */
export const keptBy = (
  terminals: Terminals,
  host: Host,
  name: string,
  session: Session,
  task?: Task,
): OpenTerminal => ({
  ...common(host, session, task),
  argv: terminals.attachArgv(name),
  name,
  ...(terminals.attachEnv && { env: terminals.attachEnv }),
});

/** The bare command, where nothing keeps it alive; `why` is told. */
export const mortal = (
  why: string,
  host: Host,
  spec: TerminalSpec,
  session: Session,
  task?: Task,
): OpenTerminal => ({
  ...common(host, session, task),
  argv: host.interactive([
    'sh',
    '-c',
    'cd -- "$1" || exit 96; shift; exec "$@"',
    'sh',
    spec.directory,
    ...spec.argv,
  ]),
  mortal: why,
});

/** Looks on without a hand on the keyboard. */
export function viewOf(host: Host, pane: Pane, session: Session, task?: Task): OpenTerminal {
  return {
    ...common(host, session, task),
    id: `view/${session.host}/${session.id}`,
    title: `${titleOf(session, task)} (view)`,
    argv: new TmuxTerminals(host).paneAttachArgv(pane, { readOnly: true }),
  };
}

/**
 * A login shell in the session's directory on its host. With `roots` only where it lies under them, else in the home
 * directory, saying why.
 */
export const shellOf = (
  host: Host,
  session: Session,
  task: Task | undefined,
  roots: readonly string[] | undefined,
): OpenTerminal => ({
  id: `shell/${session.host}/${session.id}/${Date.now()}`,
  title: `${titleOf(session, task)} shell`,
  argv: host.interactive(
    roots && session.directory !== undefined
      ? ['sh', '-c', shellUnderRoots, 'sh', addRoot(host), session.directory, ...roots]
      : ['sh', '-c', 'cd -- "$1" || cd; exec "${SHELL:-sh}" -l', 'sh', session.directory ?? '.'],
  ),
  host: host.name,
  mortal: 'A shell ends with its window.',
});

const shellUnderRoots = `${allowedFunction}
advice=$1; shift
allowed "$@"
case $? in
  0) ;;
  1) echo "$1 is named by a record only, and outside of the directories that records may name: $advice." >&2; cd ;;
  *) echo "$1 cannot be entered." >&2; cd ;;
esac
exec "\${SHELL:-sh}" -l`;

const common = (host: Host, session: Session, task?: Task): Pick<OpenTerminal, 'id' | 'title' | 'host'> => ({
  id: `${session.host}/${session.id}`,
  title: titleOf(session, task),
  host: host.name,
});

/** `PAY-456`, `PAY-456 fork`. */
const titleOf = (session: Session, task?: Task): string =>
  `${task?.key ?? session.key ?? session.title ?? shortId(session.id)}${session.forkedFrom ? ' fork' : ''}`;
