import type { Publication } from '../../actions/issue/publishing';
import type { App } from '../../app';
import type { OwedRecord } from '../../model/binding/ledger';
import { plural } from '../../model/describe';
import { UserError } from '../../model/errors';
import { shortId } from '../../model/names';
import type { Session } from '../../model/session/session';
import { sessionJson } from '../json';
import { plain, printJson, printLine, say } from '../output';
import { look } from './taskVerbs';
import type { Verb, VerbCall } from '../verbs';

export const link: Verb = {
  usage: 'SESSION KEY [--host H] [--publish]',
  does: 'say which task a session belongs to, and if wanted on the issue too',
  positionals: [2, 2],
  options: { host: { type: 'string' }, publish: { type: 'boolean' } },
  async run(call) {
    const { app, positionals, values, json, signal } = call;
    const session = await named(call);
    const { key, changed, warning } = await app.linking.link(session, positionals[1]!, signal);
    if (!json) printLine(plain(`${nameOf(session)} belongs to ${key}${changed ? ' now' : ' already'}.`));
    if (warning !== undefined) say(warning);
    const after = current(app, session);
    const published = values.publish ? await publish(app, after, key, { json, signal }) : undefined;
    // Jira did not answer a moment ago.
    const owed = published?.kind === 'owed' ? tellOwed(await app.publishing.owed()) : await pay(app, signal);
    if (json)
      printJson({
        session: sessionJson(after),
        ...(published?.kind === 'published' && { published: published.url }),
        ...owedJson(owed),
      });
    else if (published?.kind === 'published')
      printLine(`Its record is on the issue: ${plain(published.url)}`);
  },
};

export const unlink: Verb = {
  usage: 'SESSION [--host H] [--withdraw]',
  does: 'say that a session does not belong to its task',
  positionals: [1, 1],
  options: { host: { type: 'string' }, withdraw: { type: 'boolean' } },
  async run(call) {
    const { app, values, json, signal } = call;
    const session = await named(call);
    const { key, changed } = await app.linking.unlink(session);
    if (!json) printLine(plain(`${nameOf(session)} ${outcome(session, key, changed)}`));
    const withdrawal = values.withdraw
      ? await app.publishing.withdraw(session, { key }, signal).catch((error: unknown) => {
          if (json) printJson({ session: sessionJson(current(app, session)) });
          throw error;
        })
      : undefined;
    const owed = await pay(app, signal);
    if (json) printJson({ session: sessionJson(current(app, session)), ...owedJson(owed) });
    else if (withdrawal)
      printLine(
        withdrawal.kind === 'withdrawn'
          ? `Its record on ${key} is gone.`
          : `There was no record of yours on ${key}.`,
      );
    if (withdrawal?.namedBy !== undefined) say(`A record by ${withdrawal.namedBy} on ${key} still names it.`);
  },
};

function outcome({ key: before }: Session, key: string, changed: boolean): string {
  if (!changed) return `did not belong to ${key}.`;
  return before === undefined ? `is no candidate of ${key} any more.` : `does not belong to ${key} any more.`;
}

async function named({ app, positionals, values, signal }: VerbCall): Promise<Session> {
  const host = typeof values.host === 'string' ? app.terminals.host(values.host).name : undefined;
  await look(app, signal, { needsJira: false });
  return app.sessions.find(positionals[0]!, host).session;
}

/** Publishes; where Jira refuses for good, the answer is printed before the reason. */
async function publish(
  app: App,
  session: Session,
  key: string,
  { json, signal }: { json: boolean; signal: AbortSignal },
): Promise<Publication> {
  try {
    return await app.publishing.publish(session, { key }, signal);
  } catch (error) {
    if (json && error instanceof UserError) printJson({ session: sessionJson(session) });
    throw error;
  }
}

/** Pays what earlier verbs owe, and says what stays owed. */
async function pay(app: App, signal: AbortSignal): Promise<OwedRecord[]> {
  if ((await app.settling.owed()).some(({ runId }) => runId !== undefined))
    for (const { problems } of await app.settling.settleOwn(signal)) problems.forEach(say);
  if ((await app.publishing.owed()).length === 0) return [];
  const { published, owed, refused } = await app.publishing.payOwed(signal);
  for (const { sessionId, issueKey } of published)
    say(`The record of ${shortId(sessionId)} that was owed is on ${issueKey} now.`);
  for (const { write, error } of refused)
    say(`The record of ${shortId(write.sessionId)} on ${write.issueKey} is given up: ${error}`);
  return tellOwed(owed);
}

function tellOwed(owed: OwedRecord[]): OwedRecord[] {
  const records = owed.map(({ sessionId, issueKey }) => `${shortId(sessionId)} on ${issueKey}`);
  if (owed.length > 0)
    say(
      `${plural(owed.length, 'record')} still owed: ${records.join(', ')}. ${owed.at(-1)?.lastError ?? ''} Run task-sessions settle to try again.`,
    );
  return owed;
}

const owedJson = (owed: readonly OwedRecord[]): Record<string, unknown> =>
  owed.length === 0
    ? {}
    : {
        owed: owed.map(({ sessionId, issueKey, lastError }) => ({
          sessionId,
          key: issueKey,
          error: lastError,
        })),
      };

/** As the picture has it after the decision. */
const current = (app: App, { id, host, ...rest }: Session): Session =>
  app.store.snapshot.sessions.find((one) => one.id === id && one.host === host) ?? { id, host, ...rest };

const nameOf = (session: Session): string =>
  `Session ${shortId(session.id)}${session.host ? ` on ${session.host}` : ''}`;
