import { canCheckOut } from '../../actions/checkouts';
import type { App } from '../../app';
import { UserError } from '../../model/errors';
import type { Snapshot, Task } from '../../model/task/task';
import { taskJson } from '../json';
import { printDocs, printTask, printTasks, printTroubles } from '../listings';
import { plain, printJson, printLine, say } from '../output';
import { parseJiraUrl } from '../../sources/jira/connection';
import type { Verb } from '../verbs';

/**
 * Asks every source once, and says on stderr what does not answer. Without any answer from Jira there are no tasks to
 * list, and the reason is the answer; sessions are there all the same.
 */
export async function look(app: App, signal: AbortSignal, { needsJira = true } = {}): Promise<Snapshot> {
  await app.account.restore(signal);
  const { url } = app.account.state;
  // An address that is none is told by whoever reads it.
  if (url) parseJiraUrl(url);
  if (needsJira && !app.account.state.signedIn)
    throw url
      ? new UserError(
          `There is no token for ${url}.`,
          'Set TASK_SESSIONS_JIRA_TOKEN (on Cloud also TASK_SESSIONS_JIRA_EMAIL), or give it to git credential approve.',
        )
      : new UserError(
          'No Jira is configured.',
          'Set "jira": {"url": …} in the configuration file (see --help).',
        );
  await app.store.load();
  const snapshot = await app.store.refresh({ signal });
  if (needsJira && snapshot.jira.asOf === undefined)
    throw new UserError(snapshot.jira.error ?? 'Jira did not answer.', snapshot.jira.next ?? 'Try again.');
  printTroubles(snapshot, Date.now());
  return snapshot;
}

export async function lookAt(app: App, key: string, signal: AbortSignal): Promise<Task> {
  await look(app, signal);
  return app.tasks.get(key);
}

export const tasks: Verb = {
  usage: '[--needs-me]',
  does: 'the tree as text',
  positionals: [0, 0],
  options: { 'needs-me': { type: 'boolean' } },
  async run({ app, values, json, signal }) {
    const snapshot = await look(app, signal);
    const listed = values['needs-me'] ? snapshot.tasks.filter((task) => task.needsYou) : snapshot.tasks;
    if (json) printJson({ tasks: listed.map(taskJson) });
    else if (listed.length === 0)
      say(values['needs-me'] ? 'Nothing needs you.' : 'No task matches jira.jql.');
    else printTasks(listed, Date.now());
  },
};

export const show: Verb = {
  usage: 'KEY',
  does: 'one task with sessions, documents, phase and approval',
  positionals: [1, 1],
  async run({ app, positionals, json, signal }) {
    const task = await lookAt(app, positionals[0]!, signal);
    if (json) printJson({ task: taskJson(task) });
    else {
      // An age is nice to have; without it the rest stands.
      const changed = await app.documents.changeTimes(task, signal).catch(() => new Map<string, number>());
      printTask(task, changed, Date.now());
    }
  },
};

export const docs: Verb = {
  usage: 'KEY [NAME]',
  does: 'list the documents, or print one, straight from the branch',
  positionals: [1, 2],
  async run({ app, positionals: [key, name], json, signal }) {
    const task = await lookAt(app, key!, signal);
    if (name === undefined) {
      if (json) printJson({ docs: taskJson(task).docs });
      else printDocs(task.docs);
      if (task.docs.length === 0) throw new UserError(`${task.key} has no documents.`, whyNone(task));
      return;
    }
    const doc = app.documents.find(task, name);
    const content = await app.documents.read(task.key, doc.path, signal);
    if (!content) throw new UserError(`${doc.path} is not on the branch any more.`, 'Try again.');
    if (json) printJson({ docs: [{ ...doc, content: Buffer.from(content).toString('utf8') }] });
    else process.stdout.write(process.stdout.isTTY ? readable(content) : content);
  },
};

export function whyNone({ branch, branchError, checkout }: Task): string {
  if (branchError !== undefined) return branchError;
  if (checkout) return `Its branch ${branch} holds none of those that docs.names lists.`;
  return branch === undefined
    ? 'It has no branch.'
    : `There is no branch ${branch} in the repository: start an analysis, or run git fetch (in a clone of one branch after git remote set-branches origin '*').`;
}

/** For a terminal: a document may not steer it. Into a pipe it goes byte by byte. */
const readable = (content: Uint8Array): string =>
  Buffer.from(content).toString('utf8').split('\n').map(plain).join('\n');

export const checkout: Verb = {
  usage: 'KEY [--worktree]',
  does: 'check the task branch out, safely',
  positionals: [1, 1],
  options: { worktree: { type: 'boolean' } },
  async run({ app, positionals, values, json, signal }) {
    const task = await lookAt(app, positionals[0]!, signal);
    if (values.worktree) {
      const opened = await app.checkouts.worktree(task, signal);
      if (json) printJson({ directory: opened.directory, branch: task.branch });
      else printPath(opened.directory);
      opened.notes.forEach(say);
      return;
    }
    const plan = await app.checkouts.plan(task, signal);
    const refused = (): never => {
      throw new UserError(...refusal(plan));
    };
    if (!canCheckOut(plan)) refused();
    const { done, plan: after, notes } = await app.checkouts.checkOut(plan, signal);
    if (!done) throw new UserError(...refusal(after));
    notes.forEach(say);
    if (plan.kind === 'diverged')
      say(`It has diverged: ${plan.ahead} ahead, ${plan.behind} behind ${plan.remote}.`);
    if (plan.kind === 'behind')
      say(`${plan.remote} is ${plan.by} ahead: git merge --ff-only brings it here.`);
    if (json) printJson({ directory: plan.root, branch: plan.branch });
    else printPath(plan.root);
  },
};

/** Into a pipe as it is, for `cd "$(…)"`. */
const printPath = (path: string): void => printLine(process.stdout.isTTY ? plain(path) : path);

/** What stands in the way of a checkout, and what to do. */
function refusal(plan: Awaited<ReturnType<App['checkouts']['plan']>>): [string, string] {
  switch (plan.kind) {
    case 'dirty': {
      const files = plan.files.slice(0, 10).join(', ');
      const more = plan.files.length - 10 + plan.more;
      return [
        `${plan.root} has changes that are not committed: ${files}${more > 0 ? ` and ${more} more` : ''}.`,
        'Commit them yourself, or use --worktree.',
      ];
    }
    case 'heldElsewhere':
      return plan.gone
        ? [
            `${plan.branch} belongs to a worktree whose folder ${plan.directory} is gone.`,
            `Run git worktree prune in ${plan.root}.`,
          ]
        : [
            `${plan.branch} is checked out in ${plan.directory}.`,
            'Work there, or use --worktree, which answers that folder.',
          ];
    case 'busy':
      return [`A ${plan.operation} is not finished in ${plan.root}.`, 'Finish or abort it.'];
    case 'detached':
      return [
        `HEAD is detached in ${plan.root} with ${plan.commits} commits that no branch holds.`,
        `Give them a branch: git branch NAME ${plan.commit.slice(0, 12)}.`,
      ];
    case 'missing':
      return [
        [`There is no branch ${plan.branch}, here or on a remote.`, ...plan.notes].join(' '),
        'Start an analysis, or correct branchPattern.',
      ];
    default:
      return [`The working tree ${plan.root} changed meanwhile.`, 'Try again.'];
  }
}
