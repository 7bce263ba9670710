import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Bed } from '../bed/bed';
import { makeWorld } from './cliBed';
import type { World } from './cliBed';

const { version } = require('../../package.json') as { version: string };

/** A session that nobody has: only its record tells of it. */
const recorded = '5f1d9b2e-7c44-4c1b-9a1e-2b8f0f5f6a01';

describe('command line: tasks, documents, checkout', () => {
  const bed = new Bed();
  let world: World;

  before(async () => {
    world = await makeWorld(bed, {
      tasks: [
        {
          key: 'PAY-1',
          docs: { 'task_desc.md': '# One\nÜber \u001b[31mred\n', 'critic.md': 'Hm.\n' },
        },
        { key: 'PAY-2', docs: { 'notes/task_desc.md': '# Two\n' } },
      ],
      issues: ['PAY-1', 'PAY-2', 'PAY-3'],
    });
    world.record('PAY-1', { sessionId: recorded, host: 'laptop', directory: '/srv/platform' });
  });
  after(() => bed.dispose());

  /** Runs it with a failure in mind: exit 1, nothing but one line on stderr. */
  async function refusal(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await world.cli(args);
    assert.deepEqual({ code, stdout, lines: stderr.split('\n').length }, { code: 1, stdout: '', lines: 2 });
    return stderr.trimEnd();
  }

  describe('usage', () => {
    it('says its version and its verbs', async () => {
      assert.deepEqual(
        { ...(await world.cli(['--version'])) },
        { code: 0, signal: null, stdout: `${version}\n`, stderr: '' },
      );
      const help = await world.cli(['--help']);
      assert.equal(help.code, 0);
      for (const verb of ['tasks', 'show', 'docs', 'checkout', 'resume', 'terminals', 'attach', 'doctor'])
        assert.match(help.stdout, new RegExp(`^  ${verb} `, 'm'));
      assert.match((await world.cli(['resume', '--help'])).stdout, /--dry-run/);
    });

    for (const [args, says] of [
      [[], /VERB/],
      [['frobnicate'], /no verb "frobnicate"/],
      [['constructor'], /no verb "constructor"/],
      [['show'], /Usage: task-sessions show KEY/],
      [['tasks', 'PAY-1'], /Usage: task-sessions tasks/],
      [['tasks', '--bad'], /Unknown option '--bad'/],
      [['resume', 'PAY-1', '--host'], /--host/],
    ] as const)
      it(`exits with 2: ${args.join(' ') || 'no verb'}`, async () => {
        const { code, stdout, stderr } = await world.cli(args);
        assert.deepEqual({ code, stdout }, { code: 2, stdout: '' });
        assert.match(stderr, says);
      });
  });

  describe('configuration', () => {
    const config = async (text: string): Promise<string> => {
      const file = join(world.home, 'other.json');
      await writeFile(file, text);
      return file;
    };

    it('names the file that is missing or not JSON', async () => {
      assert.match(
        await refusal('tasks', '--config', '/nowhere.json'),
        /^\/nowhere\.json cannot be read .* Check --config, or \$TASK_SESSIONS_CONFIG\.$/,
      );
      assert.match(await refusal('tasks', '--config', await config('{')), /other\.json is not JSON/);
    });

    it('says what to do where no Jira is configured', async () => {
      assert.match(
        await refusal('tasks', '--config', await config('{}')),
        /^No Jira is configured\. Set "jira"/,
      );
    });

    it('says what to do where there is no token', async () => {
      const { code, stderr } = await world.cli(['tasks'], { env: { TASK_SESSIONS_JIRA_TOKEN: undefined } });
      assert.equal(code, 1);
      assert.match(stderr, /^There is no token for http:.*\. Set TASK_SESSIONS_JIRA_TOKEN .*\n$/);
    });

    it('goes on without a bad value, and says so', async () => {
      const settings = {
        jira: { url: world.jira.url, jql: 'project = PAY' },
        terminal: { keepAlive: 'maybe' },
      };
      const { code, stderr } = await world.cli(['tasks', '--config', await config(JSON.stringify(settings))]);
      assert.equal(code, 0);
      assert.match(stderr, /^warning: Configuration: terminal\.keepAlive: /);
    });
  });

  describe('tasks and show', () => {
    it('prints the tree', async () => {
      const { code, stdout, stderr } = await world.cli(['tasks']);
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
      assert.equal(
        stdout,
        [
          'Awaiting review  1',
          '  PAY-1  1 session · 2/5 docs  What PAY-1 is about',
          '      × laptop · missing · now  5f1d9b2e  Analysis',
          'Backlog  2',
          '  PAY-2  1/5 docs              What PAY-2 is about',
          '  PAY-3  –                     What PAY-3 is about',
          '',
        ].join('\n'),
      );
    });

    it('ends in order where nobody reads on', async () => {
      const { stderr } = await world.cli(['tasks'], { unread: true });
      assert.equal(stderr, '0\n');
    });

    it('prints one JSON document', async () => {
      const { tasks } = await world.json<{ tasks: Record<string, unknown>[] }>(['tasks']);
      assert.deepEqual(
        tasks.map(({ key, phase }) => [key, phase]),
        [
          ['PAY-1', 'awaitingReview'],
          ['PAY-2', 'backlog'],
          ['PAY-3', 'backlog'],
        ],
      );
      const { task } = await world.json<{ task: Record<string, unknown> }>(['show', 'pay-1']);
      const head = await world.repository.git(['rev-parse', 'origin/task/PAY-1-analysis']);
      assert.deepEqual(
        { ...task, docs: undefined, sessions: undefined, updated: undefined, needsYou: undefined },
        {
          key: 'PAY-1',
          id: task['id'],
          summary: 'What PAY-1 is about',
          status: 'To Do',
          statusCategory: 'new',
          phase: 'awaitingReview',
          phaseCause: { kind: 'analysisComplete', at: (task['phaseCause'] as { at?: unknown }).at },
          priority: 'Medium',
          assignee: 'Dana Developer',
          url: `${world.jira.url}/browse/PAY-1`,
          branch: 'task/PAY-1-analysis',
          head,
          repository: { name: 'platform', host: 'laptop', directory: world.repository.clone },
          docs: undefined,
          sessions: undefined,
          updated: undefined,
          needsYou: undefined,
        },
      );
      const [session] = task['sessions'] as Record<string, unknown>[];
      assert.deepEqual(
        { ...session, createdAt: undefined },
        {
          id: recorded,
          host: 'laptop',
          directory: '/srv/platform',
          kind: 'analysis',
          state: 'missing',
          evidence: 'record',
          key: 'PAY-1',
          reason: 'recorded by Claude Task Manager',
          createdAt: undefined,
        },
      );
      assert.match(String(session?.['createdAt']), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    });

    it('shows only what needs the user', async () => {
      assert.match(
        (await world.cli(['tasks', '--needs-me'])).stdout,
        /^Awaiting review  1\n  PAY-1 .*\n.*\n$/,
      );
    });

    it('tells an unknown key from one that is none', async () => {
      assert.match(await refusal('show', 'PAY-9'), /^PAY-9 is not among your tasks\. Check the key/);
      assert.match(await refusal('show', '../PAY-1'), /^"\.\.\/PAY-1" is not a task key\./);
    });

    it('prints what Jira says without letting it steer the terminal', async () => {
      world.jira.state.setFields('PAY-3', { summary: 'Red \u001b[31m and \u202eback' }, 'dana');
      const { stdout } = await world.cli(['show', 'PAY-3']);
      assert.match(stdout, /^PAY-3 {2}Red .*back\n/);
      assert.doesNotMatch(stdout, /[\u001b\u202e]/);
    });
  });

  describe('docs', () => {
    it('lists them, wherever they lie on the branch', async () => {
      assert.equal(
        (await world.cli(['docs', 'PAY-1'])).stdout,
        'docs/tasks/PAY-1/task_desc.md  new\ndocs/tasks/PAY-1/critic.md     new\n',
      );
      const { docs } = await world.json<{ docs: unknown[] }>(['docs', 'PAY-2']);
      const blob = await world.repository.git(['rev-parse', 'origin/task/PAY-2-analysis:notes/task_desc.md']);
      assert.deepEqual(docs, [
        { name: 'task_desc.md', path: 'notes/task_desc.md', blob, review: { state: 'new' } },
      ]);
    });

    it('prints one byte by byte into a pipe, harmlessly into a terminal', async () => {
      for (const name of ['task_desc.md', 'task', 'docs/tasks/PAY-1/task_desc.md'])
        assert.equal((await world.cli(['docs', 'PAY-1', name])).stdout, '# One\nÜber \u001b[31mred\n');
      const terminal = await world.inTerminal(['docs', 'PAY-1', 'task']);
      await terminal.shows('Über \\u001b[31mred');
    });

    it('says what there is instead, and why there is nothing', async () => {
      assert.equal(
        await refusal('docs', 'PAY-1', 'plan.md'),
        'PAY-1 has no document "plan.md". There are: task_desc.md, critic.md.',
      );
      assert.match(
        await refusal('docs', 'PAY-3'),
        /^PAY-3 has no documents\. There is no branch task\/PAY-3-analysis in the repository: start an analysis/,
      );
    });
  });

  describe('checkout', () => {
    const head = (): Promise<string> => world.repository.git(['symbolic-ref', '--short', 'HEAD']);

    it('refuses a dirty tree with the list of files, and leaves it as it is', async () => {
      const { clone } = world.repository;
      await writeFile(join(clone, 'README.md'), 'changed\n');
      try {
        assert.equal(
          await refusal('checkout', 'PAY-1'),
          `${clone} has changes that are not committed: README.md. Commit them yourself, or use --worktree.`,
        );
        assert.equal(await head(), 'main');
        assert.equal(await world.repository.git(['status', '--porcelain']), 'M README.md');
      } finally {
        await world.repository.git(['restore', 'README.md']);
      }
    });

    it('creates the tracking branch of a clean tree, and is content when there already', async () => {
      const { clone } = world.repository;
      assert.deepEqual(await world.json(['checkout', 'PAY-1']), {
        schema: 1,
        directory: clone,
        branch: 'task/PAY-1-analysis',
      });
      assert.equal(await head(), 'task/PAY-1-analysis');
      assert.equal((await world.cli(['checkout', 'PAY-1'])).stdout, `${clone}\n`);
      await world.repository.git(['switch', '--quiet', 'main']);
    });

    it('makes a worktree beside the clone, and names it where the branch is wanted again', async () => {
      const { clone } = world.repository;
      const directory = `${clone}.worktrees/PAY-2`;
      const made = { schema: 1, directory, branch: 'task/PAY-2-analysis' };
      assert.deepEqual(await world.json(['checkout', 'PAY-2', '--worktree']), made);
      assert.deepEqual(await world.json(['checkout', 'PAY-2', '--worktree']), made);
      assert.equal(
        await refusal('checkout', 'PAY-2'),
        `task/PAY-2-analysis is checked out in ${directory}. Work there, or use --worktree, which answers that folder.`,
      );
      const { task } = await world.json<{ task: { checkedOutIn: string } }>(['show', 'PAY-2']);
      assert.equal(task.checkedOutIn, directory);
    });

    it('prints a folder so that it cannot steer a terminal, and into a pipe as it is', async () => {
      const { clone, git } = world.repository;
      const directory = `${clone}.red\u001b[31m`;
      await git(['worktree', 'add', '--quiet', directory, 'task/PAY-1-analysis']);
      try {
        const terminal = await world.inTerminal(['checkout', 'PAY-1', '--worktree']);
        await terminal.shows('.red\\u001b[31m');
        assert.equal((await world.cli(['checkout', 'PAY-1', '--worktree'])).stdout, `${directory}\n`);
      } finally {
        await git(['worktree', 'remove', directory]);
      }
    });

    it('fetches first where the branch is not known yet', async () => {
      assert.match(
        await refusal('checkout', 'PAY-3'),
        /^There is no branch task\/PAY-3-analysis, here or on a remote\./,
      );
      await world.repository.git(['push', '--quiet', 'origin', 'main:task/PAY-3-analysis']);
      await world.repository.git(['update-ref', '-d', 'refs/remotes/origin/task/PAY-3-analysis']);
      assert.equal((await world.cli(['checkout', 'PAY-3'])).code, 0);
      assert.equal(await head(), 'task/PAY-3-analysis');
      await world.repository.git(['switch', '--quiet', 'main']);
    });

    it('says which repository is missing', async () => {
      await mkdir(join(world.home, 'empty'), { recursive: true });
      world.jira.state.addIssue({ key: 'PORTAL-1', summary: 'Elsewhere', assignee: 'dana' });
      await world.configure({
        jira: { url: world.jira.url, jql: 'project in (PAY, PORTAL) ORDER BY key ASC' },
        local: { name: 'laptop' },
        repositories: { platform: { projects: ['PAY'], directory: '/nowhere/platform' } },
      });
      try {
        assert.match(await refusal('checkout', 'PORTAL-1'), /repositor/);
        assert.match(await refusal('checkout', 'PAY-1'), /\/nowhere\/platform/);
      } finally {
        await world.configure();
      }
    });
  });
});
