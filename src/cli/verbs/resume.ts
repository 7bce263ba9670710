import type {
  OpenTerminal,
  PreflightCheck,
  RefusedPlan,
  ResumePlan,
} from '../../actions/session/resume/plan';
import type { PlanOptions } from '../../actions/session/resume/planner';
import { endedStart } from '../../actions/session/resume/startWatch';
import type { App } from '../../app';
import { resolveReference, type Referenced } from '../../actions/session/references';
import { boundSessions } from '../../model/describe';
import { UserError } from '../../model/errors';
import { isIssueKey, shortId } from '../../model/names';
import { resumeChoices } from '../../model/session/choice';
import { isMeantAsReference, parseReference, referenceScheme } from '../../model/session/reference';
import type { Session } from '../../model/session/session';
import type { Task } from '../../model/task/task';
import { printPreflight } from '../checks';
import { confirmed } from '../confirm';
import { sessionLine } from '../listings';
import { planFromDocuments, recordContinuation } from './fromDocuments';
import { plain, printJson, printLine, say } from '../output';
import { runHere } from '../runHere';
import { look } from './taskVerbs';
import type { Verb, VerbCall } from '../verbs';

export const resume: Verb = {
  usage: 'KEY|SESSION|REFERENCE [--host H] [--fork | --from-documents [--here] [--publish]] [--dry-run]',
  does: 'continue a session in this terminal, or its work in a new one that reads the documents',
  positionals: [1, 1],
  options: {
    host: { type: 'string' },
    fork: { type: 'boolean' },
    'from-documents': { type: 'boolean' },
    here: { type: 'boolean' },
    publish: { type: 'boolean' },
    'dry-run': { type: 'boolean' },
  },
  async run({ app, positionals, values, json, signal }) {
    const host = typeof values.host === 'string' ? app.terminals.host(values.host).name : undefined;
    const named = positionals[0]!;
    await look(app, signal, { needsJira: isIssueKey(named.toUpperCase()) });
    if (values['from-documents']) return fromDocuments(app, named, { host, values, json, signal });
    if (values.here || values.publish)
      throw new UserError('--here and --publish go with --from-documents.', 'Leave them out, or add it.');
    const { session, task, check } = choose(app, named, host);
    const onWait = (why: string): void => void (process.stdin.isTTY && say(`Waiting: ${why}.`));
    const options = { task, signal, onWait };
    const plan = values.fork
      ? await app.sessions.planFork(session, options)
      : await app.sessions.plan(session, options);
    if (check) plan.checks.unshift(check);
    if (values['dry-run']) return dryRun(plan, json);
    if (plan.kind === 'refused' && !process.stdin.isTTY) throw refused(plan);
    if (!process.stdin.isTTY)
      throw new UserError('This is no terminal to continue in.', 'Run it in a terminal, or use --dry-run.');
    if (check && !check.ok && !(await confirmed(`${check.detail}.`, 'Resume it?', signal))) return 1;
    return follow(app, plan.kind === 'refused' ? await insist(app, plan, options) : plan, signal);
  },
};

async function fromDocuments(
  app: App,
  named: string,
  { host, values, json, signal }: Pick<VerbCall, 'values' | 'json' | 'signal'> & { host: string | undefined },
): Promise<number> {
  const isTask = isIssueKey(named.toUpperCase());
  const chosen = isTask ? { session: undefined, task: app.tasks.get(named) } : choose(app, named, host);
  const { session, task } = chosen;
  if (!task || session?.evidence === 'candidate')
    throw new UserError(`${named} belongs to no task, so there are no documents.`, 'Name the task.');
  const dry = Boolean(values['dry-run']);
  if (!dry && !process.stdin.isTTY)
    throw new UserError('This is no terminal to continue in.', 'Run it in a terminal, or use --dry-run.');
  const here = Boolean(values.here);
  const plan = await planFromDocuments(app, { task, continues: session, here, dryRun: dry, signal });
  if (dry) return dryRun(plan, json);
  return follow(app, plan, signal, () => recordContinuation(app, plan, Boolean(values.publish), signal));
}

/** The one session that is meant; several are listed rather than guessed among. */
function choose(
  app: App,
  text: string,
  host: string | undefined,
): { session: Session; task?: Task; check?: PreflightCheck } {
  if (isMeantAsReference(text)) return referenced(app, text, host);
  if (!isIssueKey(text.toUpperCase())) {
    if (!looksLikeId(text))
      throw new UserError(
        `"${plain(text.slice(0, 80))}" is neither a task key, nor a session id, nor a session reference.`,
        `They look like PAY-456, 5f1d9b2e, and ${referenceScheme}HOST/SESSION.`,
      );
    return app.sessions.find(text, host);
  }
  const task = app.tasks.get(text);
  const sessions = boundSessions(task).filter((one) => host === undefined || one.host === host);
  const [session, ...others] = resumeChoices(sessions);
  if (!session)
    throw new UserError(
      `${task.key} has no session${host ? ` on ${host}` : ''}.`,
      `task-sessions show ${task.key} lists candidates; a session is also resumed by its id.`,
    );
  if (others.length > 0)
    throw new UserError(
      `${task.key} has ${others.length + 1} sessions: ${[session, ...others].map((one) => `${shortId(one.id)} (${one.host}, ${one.state})`).join(', ')}.`,
      'Name one by its id, or give --host.',
    );
  return { session, task };
}

const looksLikeId = (text: string): boolean => /^\s*[0-9a-f][0-9a-f-]*\s*$/i.test(text);

/** What a colleague pasted. */
function referenced(app: App, text: string, host: string | undefined): Referenced {
  const reference = parseReference(text);
  if (!reference)
    throw new UserError(
      `"${text.trim().slice(0, 80)}" is not a whole session reference.`,
      'Copy it again: Copy Session Reference in VS Code.',
    );
  if (host !== undefined) throw new UserError('A reference names its host itself.', 'Leave --host out.');
  return resolveReference(reference, { snapshot: app.store.snapshot, hosts: app.reports });
}

/** Where nobody can tell whether a session is free, the person may. */
async function insist(app: App, plan: RefusedPlan, options: PlanOptions): Promise<ResumePlan> {
  if (!plan.waysOut.includes('resumeAnyway')) return plan;
  if (!(await confirmed(`${plan.reason} ${plan.next}`, 'Resume anyway?', options.signal))) return plan;
  return app.sessions.plan(plan.session, { ...options, assumeDead: true });
}

const refused = (plan: RefusedPlan): UserError =>
  new UserError(plan.reason, `${plan.next}${plan.waysOut.includes('fork') ? ' (--fork)' : ''}`);

async function follow(
  app: App,
  plan: ResumePlan,
  signal: AbortSignal,
  onStarted?: () => Promise<void>,
): Promise<number> {
  if (plan.kind === 'refused') throw refused(plan);
  for (const check of plan.checks) if (!check.ok) say(`${check.check}: ${check.detail}. ${check.fix ?? ''}`);
  const startedAt = Date.now();
  const open = plan.kind === 'start' ? await app.sessions.start(plan, signal) : plan.open;
  await onStarted?.();
  if (open.mortal !== undefined) say(open.mortal);
  // Else the user looks at a dead pane, and needs tmux's own keys to leave it.
  const left = new AbortController();
  if (open.name !== undefined)
    app.terminals.releaseAtEnd({ host: open.host, name: open.name }, left.signal).catch(() => undefined);
  const code = await runHere(open.argv, open.env).finally(() => left.abort());
  if (code === lost && !app.terminals.host(open.host).local)
    throw new UserError(
      `The connection to ${open.host} ended.`,
      open.mortal === undefined
        ? 'The session goes on there: resume it again.'
        : 'What ran there ended with it: resume it again.',
    );
  return (await sayHowItEnded(app, open, Date.now() - startedAt)) ? 1 : code;
}

/** What ssh exits with when it, and not the program, has failed. */
const lost = 255;

/** After the attaching client has gone: a session that did not start, or ended badly, says why. */
async function sayHowItEnded(app: App, { host, name }: OpenTerminal, afterMs: number): Promise<boolean> {
  const screen =
    name === undefined ? undefined : await app.terminals.capture({ host, name }).catch(() => undefined);
  const ended = screen && endedStart(screen);
  if (!ended) return false;
  // Later, the words of a start that failed may be part of the talk.
  if (afterMs < 60_000) say(`${ended.message} ${ended.next}`);
  else
    say(
      `The session ended with status ${screen.dead?.status ?? screen.dead?.signal ?? 'unknown'}. Its last lines:`,
    );
  for (const line of screen.text.trim().split('\n').slice(-5)) say(`  ${line}`);
  return true;
}

function dryRun(plan: ResumePlan, json: boolean): number {
  const { session, checks } = plan;
  if (json)
    printJson({
      host: session.host,
      argv: plan.kind === 'refused' ? [] : plan.open.argv,
      preflight: checks,
      ...(plan.kind === 'refused' && { refused: { reason: plan.reason, next: plan.next } }),
      ...(plan.kind === 'start' && { start: plan.spec.argv, directory: plan.spec.directory }),
    });
  else {
    printLine(sessionLine(session, Date.now()));
    printPreflight(checks);
    if (plan.kind !== 'refused') printLine(plain(outlook(plan)));
  }
  if (plan.kind !== 'refused') return 0;
  say(refused(plan).line);
  return 1;
}

/** What would happen, in words: the argv is for programs. */
function outlook(plan: Exclude<ResumePlan, RefusedPlan>): string {
  const { host, name, mortal } = plan.open;
  if (plan.kind === 'attach') return `Attaches to ${host}/${name ?? shortId(plan.session.id)}.`;
  const where = `on ${host} in ${plan.spec.directory}`;
  return mortal === undefined
    ? `Starts ${name} ${where}, and attaches to it.`
    : `Starts claude ${where}. ${mortal}`;
}
