import type { Against } from '../../../actions/gate/reviewing';
import type { App } from '../../../app';
import { UserError } from '../../../model/errors';
import { toReview } from '../../../model/gate/review/review';
import type { Task, TaskDoc } from '../../../model/task/task';
import { docJson } from '../../json';
import { printDocs } from '../../listings';
import { plain, printJson, say } from '../../output';
import { UsageError } from '../../usage';
import type { Verb, VerbCall } from '../../verbs';
import { lookAt, whyNone } from '../taskVerbs';

export const review: Verb = {
  usage: 'KEY [NAME…] [--mark | --unmark | --against reviewed|approved]',
  does: 'what is to be read of the documents, and what changed since; say that you have read it',
  positionals: [1, 100],
  options: { mark: { type: 'boolean' }, unmark: { type: 'boolean' }, against: { type: 'string' } },
  async run(call) {
    const { app, positionals, values, json, signal } = call;
    const against = againstOf(values);
    const [key = '', ...names] = positionals;
    const task = await lookAt(app, key, signal);
    if (task.docs.length === 0) throw new UserError(`${task.key} has no documents.`, whyNone(task));
    const named = names.map((name) => app.documents.find(task, name));
    if (against) return compare(call, task, named, against);
    if (values.mark) await app.reviewing.mark(task, named.length > 0 ? named : task.docs);
    if (values.unmark)
      await app.reviewing.unmark(
        task,
        (named.length > 0 ? named : task.docs).map(({ path }) => path),
      );
    const after = app.tasks.get(task.key);
    const isNamed = ({ path }: TaskDoc): boolean => named.some((doc) => doc.path === path);
    const marked = Boolean(values.mark ?? values.unmark);
    const shown = named.length > 0 ? after.docs.filter(isNamed) : marked ? after.docs : toReview(after);
    if (json) printJson({ docs: shown.map(docJson) });
    else if (shown.length === 0) say(`All documents of ${task.key} are reviewed.`);
    else printDocs(shown);
  },
};

function againstOf({ mark, unmark, against }: VerbCall['values']): Against | undefined {
  if ([mark, unmark, against].filter((one) => one !== undefined).length > 1)
    throw new UsageError('Give one of --mark, --unmark and --against.');
  if (against === undefined || against === 'reviewed' || against === 'approved') return against;
  throw new UsageError('--against takes reviewed or approved.');
}

/** Unified diffs of what was named, else of all that has changed. */
async function compare(
  { app, json, signal }: VerbCall,
  task: Task,
  named: readonly TaskDoc[],
  against: Against,
): Promise<void> {
  const changed = named.length > 0 ? named : task.docs.filter((doc) => isOtherThan(doc, against));
  const found = await Promise.all(changed.map((doc) => compareOne(app, task, doc, against, signal)));
  if (json) return printJson({ docs: changed.map((doc, at) => ({ ...docJson(doc), ...found[at] })) });
  if (changed.length === 0) say(unchanged(task, against));
  for (const one of found) {
    if (one.reason !== undefined) say(one.reason);
    else process.stdout.write(process.stdout.isTTY ? one.diff.split('\n').map(plain).join('\n') : one.diff);
  }
}

/** Why there is nothing to compare. */
function unchanged({ key, docs, approval }: Task, against: Against): string {
  if (against === 'approved' && !approval) return `${key} has no approval that counts.`;
  const unread = docs.filter(({ review }) => review?.state === 'new').map(({ name }) => name);
  if (against === 'approved' || unread.length === 0)
    return `No document of ${key} has changed since it was ${against}.`;
  const rest = unread.length < docs.length ? ' No other has changed since it was.' : '';
  return `Not reviewed yet: ${unread.join(', ')}.${rest}`;
}

const isOtherThan = ({ review }: TaskDoc, against: Against): boolean =>
  against === 'reviewed'
    ? review?.state === 'changed'
    : review?.approved === 'changed' || review?.approved === 'added';

async function compareOne(
  { reviewing }: Pick<App, 'reviewing'>,
  task: Task,
  doc: TaskDoc,
  against: Against,
  signal: AbortSignal,
): Promise<{ against: string; diff: string; reason?: undefined } | { reason: string }> {
  const baseline = await reviewing.baseline(task, doc, against, signal);
  if (baseline.kind === 'none') return { reason: `${baseline.reason} ${baseline.next}` };
  return { against: baseline.blob, diff: await reviewing.diff(task, doc, baseline.blob, signal) };
}
