import { Assembler } from '../model/assemble';
import { CancelledError, errorLine, isCancelled } from '../model/errors';
import type { Issue } from '../model/task/issue';
import type { HostReading } from '../model/session/known/knownSessions';
import { emptyLedger, ledgerFor, type LedgerState } from '../model/binding/ledger';
import type { RecordClaim } from '../model/record/record';
import type { TerminalInfo } from '../model/session/session';
import type { Settings } from '../model/settings';
import { emptySnapshot, type BranchReading, type Snapshot, type SourceState } from '../model/task/task';
import { earlier, failure } from '../model/task/sourceState';
import type { HostReport } from '../model/session/transcript';
import { jiraHost } from '../sources/jira/connection';
import type { CachedPicture } from '../state/snapshotCache';
import { Emitter } from '../util/event';
import type { Log } from '../util/log';

/** The tasks of the signed-in user. `changed` false: the same list as before. */
export interface IssueSource {
  readonly state: { signedIn: boolean; url?: string; user?: string };
  refresh(options: {
    full?: boolean;
    signal?: AbortSignal;
  }): Promise<{ issues: readonly Issue[]; changed: boolean }>;
}

/** What Claude and tmux say on one host. */
export interface ReportSource {
  readonly name: string;
  readonly local: boolean;
  readonly names: readonly string[];
  readonly webTerminal?: string | undefined;
  /** Undefined where it may not be asked (restricted mode). */
  report(signal?: AbortSignal): Promise<HostReport | undefined>;
  /** Forgets that the host did not answer lately: somebody asks by hand. */
  wake?(): void;
}

/** The task branches, from wherever their repositories lie. */
export interface BranchSource {
  /** Expected branch of each issue. */
  names(issues: readonly Issue[]): Map<string, string>;
  read(issues: readonly Issue[], signal?: AbortSignal): Promise<Map<string, BranchReading>>;
}

export interface StoreSources {
  issues: IssueSource;
  hosts: readonly ReportSource[];
  branches: BranchSource;
  ledger: { read(): Promise<LedgerState> };
  cache: {
    read(): Promise<CachedPicture | undefined>;
    write(picture: CachedPicture): Promise<void>;
    forget(): Promise<void>;
  };
  supervised(signal?: AbortSignal): Promise<TerminalInfo[]>;
}

export interface RefreshOptions {
  /** Ask Jira for everything again, instead of what changed. */
  full?: boolean;
  /** Only the hosts: what Claude is doing now. */
  hostsOnly?: boolean;
  /** Something was changed just now: what is under way may not have seen it. */
  anew?: boolean;
  signal?: AbortSignal;
}

/**
 * The snapshot and its changes. Each source answers in its own time and is shown at once; one that fails leaves what it
 * said last, marked with its age. Looking never writes.
 */
export class SnapshotStore {
  private readonly changed = new Emitter<Snapshot>();
  private readonly busyChanged = new Emitter<boolean>();
  private issues: readonly Issue[] = [];
  private branches = new Map<string, BranchReading>();
  private ledger: LedgerState = emptyLedger;
  private supervised: TerminalInfo[] = [];
  private jira: SourceState = {};
  private branchState: SourceState = {};
  private readonly assembler = new Assembler();
  private readonly hosts = new Map<string, HostReading>();
  private current: Snapshot = emptySnapshot;
  private running: { promise: Promise<Snapshot>; hostsOnly: boolean; full: boolean } | undefined;
  /** Counts sign-outs: what an account was asked before is not shown after. */
  private accounts = 0;

  readonly onDidChange = this.changed.event;
  readonly onDidChangeBusy = this.busyChanged.event;

  constructor(
    private readonly settings: Settings,
    private readonly sources: StoreSources,
    private readonly log: Log,
    private readonly now: () => number = Date.now,
  ) {
    for (const { name, local, names } of sources.hosts)
      this.hosts.set(name, { state: { name, local }, names });
  }

  get snapshot(): Snapshot {
    return this.current;
  }

  get busy(): boolean {
    return this.running !== undefined;
  }

  issue(key: string): Issue | undefined {
    return this.issues.find((issue) => issue.key === key);
  }

  /** What records claim, on every issue that is known. */
  claims(): RecordClaim[] {
    return this.issues.flatMap((issue) => issue.claims);
  }

  report(host: string): HostReport | undefined {
    return this.hosts.get(host)?.report;
  }

  /** Shows the last picture of an earlier run, if nothing fresher has come meanwhile. */
  async load(): Promise<void> {
    const picture = await this.sources.cache.read();
    if (!picture || this.current.at > 0) return;
    this.issues = picture.issues;
    this.branches = new Map(picture.branches);
    this.jira = earlier(picture.snapshot.jira);
    this.branchState = earlier(picture.snapshot.branches);
    for (const report of picture.reports) {
      const host = this.hosts.get(report.host);
      if (host && !host.report)
        this.hosts.set(report.host, {
          ...host,
          state: { ...host.state, ...earlier({ asOf: report.at }) },
          report,
        });
    }
    const hosts = [...this.hosts.values()].map((host) => host.state);
    this.show({
      ...picture.snapshot,
      jira: { ...this.jira, ...this.sources.issues.state },
      hosts,
      branches: this.branchState,
    });
  }

  /** Asks every source again. A refresh that is under way already is joined, unless it would bring less than asked. */
  async refresh(options: RefreshOptions = {}): Promise<Snapshot> {
    const { hostsOnly = false, full = false, anew = false } = options;
    const stale = anew ? this.running?.promise : undefined;
    while (this.running) {
      const { promise, ...running } = this.running;
      const brings = hostsOnly || (!running.hostsOnly && (running.full || !full));
      if (brings && promise !== stale) return promise;
      await promise.catch(() => undefined);
    }
    const promise = this.run(options).finally(() => {
      this.running = undefined;
      this.busyChanged.fire(false);
    });
    this.running = { promise, hostsOnly, full };
    this.busyChanged.fire(true);
    return promise;
  }

  /** Shows what the ledger says now. Nobody else is asked. */
  async reread(): Promise<Snapshot> {
    this.ledger = await this.sources.ledger.read();
    this.reassemble();
    return this.current;
  }

  /** Forgets what belonged to a Jira account: after signing out nothing of it may stay on the screen. */
  async forgetIssues(): Promise<void> {
    this.accounts++;
    this.issues = [];
    this.branches = new Map();
    this.jira = {};
    this.branchState = {};
    this.reassemble();
    await this.sources.cache.forget();
  }

  dispose(): void {
    this.changed.dispose();
    this.busyChanged.dispose();
  }

  private async run(options: RefreshOptions): Promise<Snapshot> {
    const { signal } = options;
    const account = this.accounts;
    this.ledger = await this.sources.ledger.read().catch((error: unknown) => {
      this.log.error('The ledger could not be read.', error);
      return this.ledger;
    });
    await Promise.all([
      ...this.sources.hosts.map((host) => {
        if (options.full) host.wake?.();
        return this.refreshHost(host, signal);
      }),
      this.sources.supervised(signal).then(
        (terminals) => void (this.supervised = terminals),
        (error: unknown) => this.log.warn(`Supervised terminals: ${errorLine(error)}`),
      ),
      options.hostsOnly ? undefined : this.refreshIssues(options),
    ]);
    if (signal?.aborted) throw new CancelledError();
    this.reassemble();
    if (!options.hostsOnly && account === this.accounts) await this.save();
    return this.current;
  }

  private async refreshIssues({ full, signal }: RefreshOptions): Promise<void> {
    const { issues: source, branches } = this.sources;
    if (!source.state.signedIn) return;
    const started = this.now();
    const account = this.accounts;
    try {
      const answer = await source.refresh({ ...(full && { full }), ...(signal && { signal }) });
      if (account !== this.accounts) return;
      this.issues = answer.issues;
      this.jira = { asOf: started };
    } catch (error) {
      if (isCancelled(error)) throw error;
      if (account !== this.accounts) return;
      this.log.warn(`Jira: ${errorLine(error)}`);
      this.jira = { ...this.jira, ...failure(error) };
    }
    this.reassemble();
    const asOf = this.now();
    try {
      const readings = await branches.read(this.issues, signal);
      if (account !== this.accounts) return;
      this.branches = readings;
      this.branchState = { asOf };
    } catch (error) {
      if (isCancelled(error)) throw error;
      if (account !== this.accounts) return;
      this.log.error('Branches could not be read.', error);
      this.branchState = { ...this.branchState, ...failure(error) };
    }
    this.reassemble();
  }

  private async refreshHost(source: ReportSource, signal?: AbortSignal): Promise<void> {
    const before = this.hosts.get(source.name);
    const state = { name: source.name, local: source.local };
    const asked = { names: source.names, webTerminal: source.webTerminal };
    try {
      const report = await source.report(signal);
      if (!report) return;
      this.hosts.set(source.name, { state: { ...state, asOf: report.at }, ...asked, report });
    } catch (error) {
      if (isCancelled(error)) throw error;
      this.log.warn(`${source.name}: ${errorLine(error)}`);
      this.hosts.set(source.name, {
        ...before,
        ...asked,
        state: { ...before?.state, ...state, ...failure(error) },
      });
    }
    this.reassemble();
  }

  private reassemble(): void {
    const jira = jiraHost(this.sources.issues.state.url);
    const snapshot = this.assembler.assemble({
      at: this.now(),
      settings: this.settings,
      jira: { ...this.jira, ...this.sources.issues.state },
      issues: this.issues,
      hosts: [...this.hosts.values()],
      branchNames: this.sources.branches.names(this.issues),
      branches: this.branches,
      ledger: ledgerFor(this.ledger, jira),
      jiraHost: jira,
      supervised: this.supervised,
    });
    this.show({ ...snapshot, branches: this.branchState });
  }

  private show(snapshot: Snapshot): void {
    this.current = snapshot;
    this.changed.fire(snapshot);
  }

  private async save(): Promise<void> {
    if (this.jira.asOf === undefined) return;
    await this.sources.cache.write({
      snapshot: this.current,
      issues: [...this.issues],
      branches: [...this.branches],
      reports: [...this.hosts.values()].flatMap((host) => host.report ?? []),
    });
  }
}
