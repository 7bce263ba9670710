import type { AdfNode } from './entities';
import { branchOf, docPath, FLOW, type DemoSession, type DemoTask } from './demo/demoTask';
import { recordBody, type DemoRecord } from './demo/records';
import { demoTasks } from './demoTasks';
import type { Jira } from './simulator';
import { bulletList, doc, heading, paragraph } from './text/adf';
import { toWiki } from './text/wiki';

/** What the demo knows of a real session; absent facts are made up. */
export interface SessionFacts {
  slot: string;
  id?: string;
  host?: string;
  directory?: string;
  branch?: string;
  commit?: string;
  docs?: string[];
}

/** What the demo knows of a task's branch, so that approvals name what is really there. */
export interface BranchFacts {
  key: string;
  commit: string;
  documents: { path: string; blob: string }[];
}

export interface SeedOptions {
  /** Epoch ms; everything happened before. */
  now: number;
  /** Web address of the repository, for links to branches. */
  repositoryUrl?: string;
  sessions?: SessionFacts[];
  branches?: BranchFacts[];
  tasks?: DemoTask[];
}

const HOUR = 3_600_000;

/** Fills the simulator with the demo's tasks, their history, comments and records. */
export function seedDemo(jira: Jira, options: SeedOptions): void {
  // Oldest first, so that ids and times agree.
  const tasks = [...(options.tasks ?? demoTasks)].sort((a, b) => age(b) - age(a));
  for (const task of tasks) new TaskSeed(jira, task, options).plant();
}

const age = (task: DemoTask) => task.hoursAgo[0] ?? 0;

interface Step {
  at: number;
  run(): void;
}

class TaskSeed {
  constructor(
    private readonly jira: Jira,
    private readonly task: DemoTask,
    private readonly options: SeedOptions,
  ) {}

  plant(): void {
    const { task } = this;
    this.jira.state.addIssue({
      key: task.key,
      summary: task.summary,
      type: task.type,
      priority: task.priority,
      assignee: task.assignee,
      reporter: task.reporter,
      labels: task.labels,
      description: this.body(description(task)),
      at: this.time(age(task)),
    });
    const steps = [
      ...this.moves(),
      ...task.sessions.flatMap((session) => this.published(session)),
      ...this.talk(),
    ];
    for (const step of steps.sort((a, b) => a.at - b.at)) step.run();
  }

  private time(hoursAgo: number): number {
    return this.options.now - Math.round(hoursAgo * HOUR);
  }

  /** On Data Center the same text as wiki markup. */
  private body(adf: AdfNode): AdfNode | string {
    return this.jira.deployment === 'cloud' ? adf : toWiki(adf);
  }

  private say(by: string, body: AdfNode, at: number): string {
    return this.jira.state.addComment(this.task.key, { author: by, body: this.body(body), at }).id;
  }

  /** Through the workflow, with the approval's record beside its transition. */
  private moves(): Step[] {
    const { task } = this;
    return task.hoursAgo.slice(1).flatMap((hours, index): Step[] => {
      const status = FLOW[index + 1] ?? 'Done';
      const at = this.time(hours);
      const by = mover(task, status);
      const steps: Step[] = [{ at, run: () => this.jira.state.setStatus(task.key, status, by, at) }];
      if (status === 'Approved' && task.approvedBy) {
        steps.push({
          at: at + 1000,
          run: () => void this.say(by, recordBody(this.approval(), 'panel'), at + 1000),
        });
      }
      return steps;
    });
  }

  private talk(): Step[] {
    return this.task.talk.map(({ by, hoursAgo, body }) => {
      const at = this.time(hoursAgo);
      return { at, run: () => void this.say(by, body, at) };
    });
  }

  /** A session's comment: said at its start, edited in place when it ends. */
  private published(session: DemoSession): Step[] {
    const { record, kind, outcome } = session;
    if (!record) return [];
    const began = kind === 'analysis' ? 1 : 4;
    const start = this.time(this.task.hoursAgo[began] ?? 1) + 60_000;
    const end =
      outcome === 'complete' ? this.time(this.task.hoursAgo[began + 1] ?? 0) - 60_000 : start + HOUR / 4;
    let id = '';
    const first: Step = {
      at: start,
      run: () => (id = this.say(record.by, recordBody(this.record(session, 'started'), record.shape), start)),
    };
    if (outcome === 'started') return [first];
    const body = recordBody(this.record(session, outcome), record.shape);
    const last = () => void this.jira.state.editComment(this.task.key, id, record.by, this.body(body), end);
    return [first, { at: end, run: last }];
  }

  private record(session: DemoSession, outcome: DemoSession['outcome']): DemoRecord {
    const facts = this.facts(session);
    const words = { started: 'Started', complete: 'Complete', failed: 'Failed' };
    const work = session.kind === 'analysis' ? 'Analysis' : 'Implementation';
    const ended = outcome === 'complete';
    const continued = this.task.sessions.find((other) => other.slot === session.continues);
    const reason = outcome === 'failed' ? session.record?.reason : undefined;
    return {
      title: `AI ${work} ${words[outcome]}`,
      fields: [
        ...pair('Session ID', session.record?.withoutIdLine ? undefined : facts.id),
        ...pair('Host', facts.host),
        ...pair('Directory', facts.directory),
        ...pair('Branch', facts.branch),
        ...pair('Commit', ended ? facts.commit : undefined),
        ...pair('Continues', continued && this.facts(continued).id),
        ...pair('Reason', reason),
        ...pair('Status', statusLine(session.kind, outcome)),
      ],
      docs: ended && session.kind === 'analysis' ? facts.docs : [],
      command: resumeLine(this.task.key, facts, session.host === 'local'),
      ...(this.options.repositoryUrl
        ? { branchUrl: `${this.options.repositoryUrl}/tree/${facts.branch}` }
        : {}),
    };
  }

  private approval(): DemoRecord {
    const { task } = this;
    const branch = this.options.branches?.find(({ key }) => key === task.key);
    const documents =
      branch?.documents ??
      task.docs.map((name) => ({ path: docPath(task, name), blob: fakeHash(task.key + name) }));
    return {
      title: 'Approved for Implementation',
      fields: [
        ['Branch', branchOf(task)],
        ['Commit', branch?.commit ?? fakeHash(task.key)],
        ...documents.map(({ path, blob }): [string, string] => ['Document', `${path} ${blob}`]),
        ['Status', 'Approved'],
      ],
      docs: [],
    };
  }

  private facts(session: DemoSession): Required<Omit<SessionFacts, 'slot'>> {
    const known = this.options.sessions?.find(({ slot }) => slot === session.slot);
    const branch = this.options.branches?.find(({ key }) => key === this.task.key);
    return {
      id: known?.id ?? session.id,
      host: known?.host ?? (session.host === 'local' ? 'laptop' : session.host),
      directory: known?.directory ?? '/srv/platform',
      branch: known?.branch ?? branchOf(this.task),
      commit: known?.commit ?? branch?.commit ?? fakeHash(this.task.key),
      docs: known?.docs ?? this.task.docs,
    };
  }
}

function mover(task: DemoTask, status: string): string {
  if (status === 'AI Analysis' || status === 'Ready for Review') return 'claude';
  if (status === 'Approved') return task.approvedBy ?? task.reporter;
  return task.assignee ?? task.reporter;
}

function description(task: DemoTask): AdfNode {
  return doc(
    paragraph(task.problem),
    ...(task.more ?? []),
    heading(2, 'Acceptance'),
    bulletList(...task.acceptance),
  );
}

function statusLine(kind: DemoSession['kind'], outcome: DemoSession['outcome']): string {
  if (outcome === 'started') return 'In Progress';
  if (outcome === 'failed') return 'Failed';
  return kind === 'analysis' ? 'Awaiting Developer Review' : 'Awaiting Code Review';
}

/** The line that a person pastes (README, "Records on the issue"): creates or attaches, through the account's login shell. */
function resumeLine(
  key: string,
  facts: { id: string; host: string; directory: string },
  local: boolean,
): string {
  const tmux = `tmux -L task-sessions new -A -s ${key}-${facts.id.slice(0, 8)} -c ${facts.directory} "exec \\$SHELL -lc \\"claude --resume ${facts.id}\\""`;
  return local ? tmux : `ssh -t ${facts.host} '${tmux}'`;
}

function pair(label: string, value: string | undefined): [string, string][] {
  return value === undefined ? [] : [[label, value]];
}

/** Forty hex digits that are always the same for the same text. */
function fakeHash(text: string): string {
  let hash = 0x811c9dc5;
  let digits = '';
  for (let round = 0; digits.length < 40; round++) {
    for (const char of `${text}${round}`) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193) >>> 0;
    digits += hash.toString(16).padStart(8, '0');
  }
  return digits;
}
