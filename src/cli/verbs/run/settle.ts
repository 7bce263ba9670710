import type { App } from '../../../app';
import { errorLine, isCancelled } from '../../../model/errors';
import type { OwedWrite } from '../../../model/binding/ledger';
import type { Payment } from '../../../actions/owed/debts';
import type { PublishedRequest } from '../../../actions/gate/requests';
import type { Settlement } from '../../../actions/run/progress';
import { plural } from '../../../model/describe';
import { isIssueKey, shortId } from '../../../model/names';
import { plain, printJson, printLine, say } from '../../output';
import { UsageError } from '../../usage';
import type { Verb } from '../../verbs';
import { look } from '../taskVerbs';

export const settle: Verb = {
  usage: '[KEY]',
  does: 'tell Jira what finished and failed runs have come to, and pay owed writes',
  positionals: [0, 1],
  async run({ app, positionals, json, signal }) {
    const [key] = positionals;
    if (key !== undefined && !isIssueKey(key)) throw new UsageError(`"${key}" is no key of an issue.`);
    await look(app, signal);
    const settled = await app.settling.settle({ ...(key !== undefined && { key }), signal });
    const requests = await app.requests.settle({ ...(key !== undefined && { key }), signal });
    const paid = await app.debts.pay({ ...(key !== undefined && { key }), signal });
    // Whether an approval came to be that one was to tell of, its payment says.
    const owed = (await app.settling.owed()).filter(
      ({ kind, issueKey }) => kind !== 'message' && (key === undefined || issueKey === key),
    );
    if (json)
      printJson({
        settled,
        ...(requests.length > 0 && { requests }),
        ...(paid.length > 0 && { paid }),
        ...(owed.length > 0 && { owed: owed.map(owedJson) }),
      });
    else
      for (const line of [
        ...settled.map(settledLine),
        ...requests.map(requestLine),
        ...paid.map(paymentLine),
      ])
        printLine(plain(line));
    if (!json && settled.length + requests.length + paid.length === 0) say('Nothing to settle.');
    const problems = new Set([
      ...[...settled, ...requests].flatMap((one) => one.problems),
      ...paid.flatMap(({ problem }) => problem ?? []),
    ]);
    problems.forEach(say);
    for (const write of owed) say(owedLine(write));
    // A session that is linked to no task asks whoever it concerns; settling has not failed.
    const failed = [...settled, ...requests.filter(({ record }) => record !== 'unbound')];
    const unpaid = paid.some(({ problem }) => problem !== undefined);
    return owed.length > 0 || unpaid || failed.some((one) => one.problems.length > 0) ? 1 : 0;
  },
};

/** After a verb that changed a run: Jira and webhooks are told of ours, and what is owed is paid. What fails is a note. */
export async function settleAfter(app: App, signal: AbortSignal): Promise<void> {
  if (!app.account.state.signedIn) return;
  try {
    await app.store.refresh({ hostsOnly: true, signal });
    const settled = await app.settling.settleOwn(signal);
    for (const line of new Set(settled.flatMap(({ problems }) => problems))) say(line);
  } catch (error) {
    if (isCancelled(error)) throw error;
    say(errorLine(error));
  }
}

/** `PAY-1  analysis on laptop complete: record published, status moved, 1 webhook told`. */
function settledLine({ run, record, status, told }: Settlement): string {
  const done = [
    `record ${record}`,
    `status ${status}`,
    ...(told > 0 ? [`${told} ${told === 1 ? 'webhook' : 'webhooks'} told`] : []),
  ];
  return `${run.key}  ${run.kind} on ${run.host} ${run.state}: ${done.join(', ')}`;
}

/** `PAY-1  approval requested by 5f1d9b2e on laptop: record published, 1 webhook told`. */
function requestLine({ key = '-', sessionId, host, record, told }: PublishedRequest): string {
  const done = [`record ${record}`, ...(told > 0 ? [`${plural(told, 'webhook')} told`] : [])];
  return `${key}  approval requested by ${shortId(sessionId)} on ${host}: ${done.join(', ')}`;
}

const owedLine = ({ kind, issueKey, lastError }: OwedWrite): string =>
  `Still owed: the ${kind} of ${issueKey}.${lastError === undefined ? '' : ` ${lastError}`} The next settle tries again.`;

const owedJson = (write: OwedWrite): Record<string, unknown> => ({
  kind: write.kind,
  key: write.issueKey,
  ...('sessionId' in write && { sessionId: write.sessionId }),
  attempts: write.attempts,
  ...(write.lastError !== undefined && { error: write.lastError }),
});

/** `PAY-1  link of its pull request: paid`. */
const paymentLine = ({ kind, key, result }: Payment): string =>
  `${key}  ${paymentWords[kind]}: ${result === 'paid' ? 'done' : result}`;

const paymentWords: Record<Payment['kind'], string> = {
  link: 'link of its pull request',
  message: 'message of its approval',
};
