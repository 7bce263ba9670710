import type { Host } from '../../../hosts/host';
import type { Session, TerminalInfo } from '../../../model/session/session';
import type { Snapshot, Task } from '../../../model/task/task';
import type { JiraAccount } from '../../account';
import type { ReportSource } from '../../store';
import type { PreflightCheck } from './plan';

/** What a preflight is about, and whom it may ask. */
export interface Inquiry {
  session: Session;
  task?: Task | undefined;
  host: Host;
  reports: ReportSource;
  /** Terminals of this machine that no tmux server reports: those of our supervisor. */
  supervised: (signal?: AbortSignal) => Promise<readonly TerminalInfo[]>;
  account: JiraAccount;
  snapshot: Snapshot;
  /** Of the host: where a directory that only a record names may be used. */
  roots: readonly string[];
  signal?: AbortSignal | undefined;
  /** Called with each check as it is made. */
  onCheck(check: PreflightCheck): void;
  /** Called before a wait of some seconds, with its reason. */
  onWait?: ((why: string) => void) | undefined;
  /** The person said that nobody holds the session although we cannot tell. */
  assumeDead?: boolean;
  /** A fork reads the transcript only, so a living session does not matter. */
  fork?: boolean;
}

/** The options of a call to the inquiry's host. */
export function asking({ host, signal }: Pick<Inquiry, 'host' | 'signal'>): {
  configDir?: string;
  signal?: AbortSignal;
} {
  const { configDir } = host.settings;
  return { ...(configDir && { configDir }), ...(signal && { signal }) };
}
