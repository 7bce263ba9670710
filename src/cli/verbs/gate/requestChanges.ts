import { UserError } from '../../../model/errors';
import type { ChangesPlan, RequestedChanges } from '../../../actions/gate/requestingChanges';
import { shortId } from '../../../model/names';
import type { Session } from '../../../model/session/session';
import { confirmed } from '../../confirm';
import { plain, printJson, printLine, say } from '../../output';
import type { Verb, VerbCall } from '../../verbs';
import { lookAt } from '../taskVerbs';
import { fieldValues } from './fields';

/** Bytes of reasons that are read. */
const mostBytes = 64 << 10;

export const requestChanges: Verb = {
  usage: 'KEY [--reason TEXT] [--session ID | --no-session] [--field NAME=VALUE] [--yes]',
  does: 'ask for other documents: reasons (else from stdin) on the issue and into the session, back to analyzing',
  positionals: [1, 1],
  options: {
    reason: { type: 'string' },
    session: { type: 'string' },
    'no-session': { type: 'boolean' },
    field: { type: 'string', multiple: true },
    yes: { type: 'boolean' },
  },
  async run(call) {
    const { app, positionals, values, json, signal } = call;
    const task = await lookAt(app, positionals[0]!, signal);
    const plan = await app.requestingChanges.plan(task, signal);
    const session = values['no-session'] ? undefined : sessionOf(call, plan);
    const isGiven = typeof values.reason === 'string';
    // Where stdin holds the reasons, nothing can be asked.
    const asks = isGiven && process.stdin.isTTY && !values.yes;
    const fields = await fieldValues(values.field, plan.move, { asks, signal });
    const reasons = isGiven ? String(values.reason) : await fromStdin(plan);
    // Who has just written them into the terminal has said yes.
    if (isGiven && !values.yes && process.stdin.isTTY)
      if (!(await confirmed(summary(plan, session), `Request these changes on ${task.key}?`, signal)))
        return 1;
    const done = await app.requestingChanges.request(task, {
      reasons,
      session,
      fields,
      signal,
      onProgress: json ? undefined : say,
    });
    if (json) printJson({ requested: requestedJson(task.key, done) });
    else {
      printLine(plain(`Changes are requested on ${task.key}: ${done.comment.url}`));
      if (done.told?.kind === 'asked') printLine(plain(`Session ${shortId(session!.id)} has been told.`));
    }
    for (const problem of done.problems) say(problem);
    return done.problems.length > 0 ? 1 : 0;
  },
};

/** The one that was named, else the only one of the task. */
function sessionOf({ app, values, positionals }: VerbCall, { sessions }: ChangesPlan): Session | undefined {
  if (typeof values.session === 'string') return app.sessions.find(values.session).session;
  const [only, ...others] = sessions;
  if (others.length === 0) return only;
  throw new UserError(
    `${positionals[0]} has ${sessions.length} sessions: ${sessions.map(({ id, host }) => `${shortId(id)} on ${host}`).join(', ')}.`,
    'Name the one to tell with --session, or give --no-session.',
  );
}

function summary({ move, obstacle, sessions }: ChangesPlan, session: Session | undefined): string {
  const issue = obstacle
    ? `The issue stays where it is: ${obstacle.reason} `
    : move.kind === 'way'
      ? `The issue goes from ${move.from} to ${move.to}. `
      : '';
  const told = session
    ? `Session ${shortId(session.id)} on ${session.host} is told.`
    : `No session is told${sessions.length > 0 ? '' : ': none is known'}.`;
  return `${issue}${told}`;
}

/** Reasons of an earlier request that its session does not know of come again where nothing is written. */
async function fromStdin({ untold }: ChangesPlan): Promise<string> {
  if (process.stdin.isTTY) say('Write the reasons, and end with Ctrl-D on a line of its own:');
  let text = '';
  for await (const piece of process.stdin.setEncoding('utf8')) {
    text += String(piece);
    if (text.length > mostBytes) throw new UserError('The reasons are too long.', 'Say it in fewer words.');
  }
  if (text.trim() !== '') return text;
  if (untold) return untold.reasons;
  throw new UserError('There are no reasons.', 'Give them with --reason, or write them into stdin.');
}

const requestedJson = (key: string, { comment, moved, told, problems }: RequestedChanges) => ({
  key,
  comment: comment.url,
  moved,
  ...(told && { told: told.kind }),
  problems,
});
