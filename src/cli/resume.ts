import type { ResumePlan } from '../actions/session/plan';
import type { App } from '../app';
import { boundSessions } from '../model/describe';
import { UserError } from '../model/errors';
import { isIssueKey, shortId } from '../model/names';
import type { Session } from '../model/session';
import type { Task } from '../model/task';
import { sessionLine } from './listings';
import { plain, printJson, printLine } from './output';
import { runHere } from './runHere';
import { look } from './taskVerbs';
import type { Verb } from './verbs';

export const resume: Verb = {
  usage: 'KEY|SESSION [--host H] [--fork] [--dry-run]',
  does: 'continue a session in this terminal',
  positionals: [1, 1],
  options: { host: { type: 'string' }, fork: { type: 'boolean' }, 'dry-run': { type: 'boolean' } },
  async run({ app, positionals, values, json, signal }) {
    await look(app, signal);
    const host = typeof values.host === 'string' ? app.terminals.host(values.host).name : undefined;
    const { session, task } = choose(app, positionals[0]!, host);
    const options = { task, signal };
    const plan = await (values.fork
      ? app.sessions.planFork(session, options)
      : app.sessions.plan(session, options));
    if (values['dry-run']) return dryRun(plan, json);
    if (plan.kind === 'refused') throw refused(plan);
    if (!process.stdin.isTTY)
      throw new UserError('This is no terminal to continue in.', 'Run it in a terminal, or use --dry-run.');
    for (const check of plan.checks)
      if (!check.ok)
        process.stderr.write(`${plain(`${check.check}: ${check.detail}. ${check.fix ?? ''}`)}\n`);
    const open = plan.kind === 'start' ? await app.sessions.start(plan, signal) : plan.open;
    if (open.mortal !== undefined) process.stderr.write(`${plain(open.mortal)}\n`);
    const code = await runHere(open.argv, open.env);
    if (plan.kind === 'start' && open.name !== undefined) await sayHowItEnded(app, open.host, open.name);
    return code;
  },
};

/** The one session that is meant; several are listed rather than guessed among. */
function choose(app: App, text: string, host: string | undefined): { session: Session; task?: Task } {
  if (!isIssueKey(text.toUpperCase())) return app.sessions.find(text, host);
  const task = app.tasks.get(text);
  const sessions = boundSessions(task).filter((one) => host === undefined || one.host === host);
  // Where only one can be resumed at all, there is nothing to choose.
  const present = sessions.filter((one) => one.state !== 'missing');
  const [session, ...others] = present.length > 0 ? present : sessions;
  if (!session)
    throw new UserError(
      `${task.key} has no session${host ? ` on ${host}` : ''}.`,
      `task-sessions show ${task.key} lists candidates; a session is also resumed by its id.`,
    );
  if (others.length > 0)
    throw new UserError(
      `${task.key} has ${present.length} sessions: ${present.map((one) => `${shortId(one.id)} (${one.host}, ${one.state})`).join(', ')}.`,
      'Name one by its id, or give --host.',
    );
  return { session, task };
}

const refused = (plan: ResumePlan & { kind: 'refused' }): UserError =>
  new UserError(plan.reason, `${plan.next}${plan.waysOut.includes('fork') ? ' (--fork)' : ''}`);

function dryRun(plan: ResumePlan, json: boolean): number {
  const argv = plan.kind === 'refused' ? [] : plan.open.argv;
  const code = plan.kind === 'refused' ? 1 : 0;
  if (json) {
    printJson({
      host: plan.session.host,
      argv,
      preflight: plan.checks,
      ...(plan.kind === 'refused' && { refused: { reason: plan.reason, next: plan.next } }),
      ...(plan.kind === 'start' && { start: plan.spec.argv, directory: plan.spec.directory }),
    });
    return code;
  }
  printLine(sessionLine(plan.session, Date.now()));
  for (const check of plan.checks)
    printLine(
      plain(
        `  ${check.ok ? 'ok' : '--'}  ${check.check.padEnd(10)}  ${check.detail}${check.ok || !check.fix ? '' : ` (${check.fix})`}`,
      ),
    );
  if (plan.kind === 'refused') process.stderr.write(`${plain(`${plan.reason} ${plan.next}`)}\n`);
  else
    printLine(plain(`${plan.kind === 'attach' ? 'attaches' : 'starts, then attaches'}: ${argv.join(' ')}`));
  return code;
}

/** After the attaching client has gone: a session that ended says why. */
async function sayHowItEnded(app: App, host: string, name: string): Promise<void> {
  const screen = await app.terminals.capture({ host, name }).catch(() => undefined);
  if (!screen?.dead || screen.dead.status === 0) return;
  const lines = screen.text.trim().split('\n').slice(-5).map(plain).join('\n');
  process.stderr.write(
    `The session ended with status ${screen.dead.status ?? screen.dead.signal ?? 'unknown'}:\n${lines}\n`,
  );
}
