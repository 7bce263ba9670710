import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { output } from '../../bed/command';
import { gitEnvironment } from '../../bed/git';
import { branchOf, docPath, FLOW, type DemoTask } from '../../jira/demo/demoTask';
import { demoDocuments } from '../../jira/demo/documents';
import { demoTasks } from '../../jira/demoTasks';
import type { BranchFacts } from '../../jira/seed';

const hour = 3_600_000;
const claude = 'Claude Task Manager <claude@acme.example>';
const dana = 'Dana Developer <dana@acme.example>';

/** Its plan changed after the approval, so that the approval is stale. */
const revised = 'PORTAL-125';

interface Commit {
  branch: string;
  /** Epoch ms. */
  at: number;
  author: string;
  message: string;
  /** Path → text. */
  files: Record<string, string>;
}

/** When a task entered a status, as epoch ms; undefined where it has not yet. */
export function enteredAt(task: DemoTask, status: (typeof FLOW)[number], now: number): number | undefined {
  const hours = task.hoursAgo[FLOW.indexOf(status)];
  return hours === undefined ? undefined : now - hours * hour;
}

/**
 * Makes the bare repository `directory` with a branch for each task that has documents, committed when the task's
 * history says so. Answers what each branch held when its documents were done, as approvals name it.
 */
export async function makeOrigin(directory: string, now: number): Promise<BranchFacts[]> {
  const env = gitEnvironment(directory);
  await output(['git', 'init', '--quiet', '--bare', '--initial-branch=main', directory], { env });
  const tasks = demoTasks.filter((task) => task.docs.length > 0);
  const commits = [...mainCommits(now), ...tasks.flatMap((task) => taskCommits(task, now))];
  const marks = join(directory, 'demo-marks');
  const argv = ['git', '-C', directory, 'fast-import', '--quiet', `--export-marks=${marks}`];
  await output(argv, { env, input: importStream(commits) });

  const ids = new Map(
    (await readFile(marks, 'utf8'))
      .split('\n')
      .filter(Boolean)
      .map((line) => line.slice(1).split(' ') as [string, string]),
  );
  return tasks.map((task) => {
    const done = commits.findLastIndex(
      ({ branch, author }) => branch === branchOf(task) && author === claude,
    );
    return {
      key: task.key,
      commit: ids.get(String(done + 1)) ?? '',
      documents: demoDocuments(task).map(({ path, content }) => ({ path, blob: blobId(content) })),
    };
  });
}

/** Commits become marks 1, 2 … in their order; a branch begins at main as it stands then. */
function importStream(commits: readonly Commit[]): string {
  const begun = new Set(['main']);
  return commits
    .map(({ branch, at, author, message, files }, index) => {
      const from = begun.has(branch) ? '' : 'from refs/heads/main\n';
      begun.add(branch);
      const who = `${author} ${Math.floor(at / 1000)} +0000`;
      const changes = Object.entries(files).map(([path, text]) => `M 100644 inline ${path}\n${data(text)}`);
      return `commit refs/heads/${branch}\nmark :${index + 1}\nauthor ${who}\ncommitter ${who}\n${data(message)}${from}${changes.join('')}\n`;
    })
    .join('');
}

const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;

const blobId = (text: string): string =>
  createHash('sha1')
    .update(`blob ${Buffer.byteLength(text)}\0${text}`)
    .digest('hex');

function mainCommits(now: number): Commit[] {
  const main = (daysAgo: number, message: string, files: Record<string, string>): Commit => ({
    branch: 'main',
    at: now - daysAgo * 24 * hour,
    author: dana,
    message,
    files,
  });
  return [
    main(90, 'Begin', {
      'README.md':
        '# Platform\n\nPayments (`services/`) and the customer portal (`portal/`).\n\nTask documents lie on the branch of their task, in `docs/tasks/`.\n',
      '.gitignore': 'node_modules/\ndist/\n',
    }),
    main(80, 'Add the refund client', {
      'services/refunds/refundClient.ts':
        "import { post } from '../http';\n\n/** Sends a refund to the gateway. */\nexport function refund(id: string, amount: number, requestId: string) {\n  return post('/v2/refunds', { id, amount }, { requestId });\n}\n",
      'services/http.ts':
        "export async function post(path: string, body: unknown, { requestId }: { requestId: string }) {\n  return fetch(path, { method: 'POST', body: JSON.stringify(body), headers: { 'x-request-id': requestId } });\n}\n",
    }),
    main(60, 'Call the card vault', {
      'services/vault/vaultClient.ts':
        'export const resolve = (token: string) => fetch(`http://vault.internal/tokens/${token}`);\n',
    }),
    main(45, 'Redirect to sign-in', {
      'portal/login.ts': "export const start = () => ({ status: 302, location: '/sso/start' });\n",
    }),
  ];
}

/** The documents in two steps, while the analysis ran; then what came of them. */
function taskCommits(task: DemoTask, now: number): Commit[] {
  const branch = branchOf(task);
  const documents = demoDocuments(task);
  const begin = enteredAt(task, 'AI Analysis', now) ?? now - hour;
  const end = enteredAt(task, 'Ready for Review', now) ?? now - hour / 3;
  const step = (message: string, share: number, from: number, to?: number): Commit => ({
    branch,
    at: begin + (end - begin) * share - 120_000,
    author: claude,
    message: `${task.key} ${message}`,
    files: Object.fromEntries(documents.slice(from, to).map(({ path, content }) => [path, content])),
  });
  return [
    step('Describe the task and its options', documents.length > 2 ? 0.4 : 1, 0, 2),
    ...(documents.length > 2 ? [step('Plan it', 1, 2)] : []),
    ...codeCommits(task, branch, now),
  ];
}

function codeCommits(task: DemoTask, branch: string, now: number): Commit[] {
  const developing = enteredAt(task, 'In Development', now);
  if (developing === undefined) return [];
  const change = (minutes: number, message: string, files: Record<string, string>): Commit => ({
    branch,
    at: developing + minutes * 60_000,
    author: dana,
    message: `${task.key} ${message}`,
    files,
  });
  const [first = ''] = task.steps;
  const plan = docPath(task, 'step_by_step_impl_plan.md');
  const text = demoDocuments(task).find(({ path }) => path === plan)?.content ?? '';
  return [
    change(50, first, { [`changes/${task.key}.md`]: `${task.summary}: ${first}.\n` }),
    ...(task.key === revised
      ? [
          change(95, 'Keep the old picker for one release', {
            [plan]: `${text}\nAfter one release: delete it.\n`,
          }),
        ]
      : []),
  ];
}
