import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { App } from '../../../src/app';
import type { StartOptions, StartQuestion } from '../../../src/actions/run/progress';
import { shownOf } from '../../../src/actions/run/start/implementation/shown';
import { UserError } from '../../../src/model/errors';
import { runFolder } from '../../../src/model/run/folder';
import type { LedgerRun } from '../../../src/model/run/order';
import { stateOf } from '../../../src/model/run/progress';
import type { RunState } from '../../../src/model/run/run';
import { readRun } from '../../../src/sources/runFiles/readRun';
import { Bed } from '../../bed/bed';
import { run as runCommand } from '../../bed/command';
import { until } from '../../bed/until';
import { openApp, type Person } from '../analyses/startApp';
import { makeStartBed, type StartBed } from '../analyses/startBed';
import { approve, docsBranch, planName, writeDocuments } from './startParts';

const cliFile = resolve(__dirname, '../../../dist/cli.js');
const node = process.env['TASK_SESSIONS_TEST_NODE'] ?? process.execPath;

const phases = {
  backlog: 'To Do',
  analyzing: 'AI Analysis',
  awaitingReview: 'Ready for Review',
  approved: 'Approved',
  implementing: 'In Development',
  inReview: 'In Review',
};

describe('an implementation that is started', () => {
  const bed = new Bed();
  let world: StartBed;
  let person: Person;
  let app: App;
  /** Where the worktrees of tasks are made. */
  let trees: string;
  let questions: StartQuestion[];

  before(async () => {
    world = await makeStartBed(bed, { keys: ['PAY-1', 'PAY-2', 'PAY-3', 'PAY-4'] });
    person = await world.person('dana', { phases });
    app = await bed.add(openApp(person));
    trees = join(await realpath(join(world.repository.clone, '..')), 'platform.worktrees');
  });
  beforeEach(() => {
    questions = [];
  });
  after(() => bed.dispose());

  const start = (key: string, options: StartOptions = {}, by = app) =>
    by.implementations.start(by.tasks.get(key), {
      ask: (question) => {
        questions.push(question);
        return Promise.resolve(false);
      },
      ...options,
    });
  const said = (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      () => 'done',
      (error: unknown) => (error instanceof UserError ? error.line : String(error)),
    );
  const stands = async ({ order }: LedgerRun): Promise<RunState | undefined> => {
    const reading = await readRun(app.terminals.host('laptop'), order.id);
    return reading && stateOf(reading);
  };
  const ended = (run: LedgerRun): Promise<RunState> =>
    until(
      async () => {
        const state = await stands(run);
        return state && !['starting', 'queued', 'running'].includes(state.kind) ? state : undefined;
      },
      { what: 'the run has ended', timeoutMs: 60_000 },
    );
  const stepsOf = (key: string, count: number): string =>
    Array.from(
      { length: count },
      (_, at) =>
        `## Step ${at + 1}: Part ${at + 1}\n- [ ] done\n\nFiles to write:\n- ${trees}/${key}/src/part-${at + 1}.txt\n`,
    ).join('\n');
  const documents = (key: string, count: number): Record<string, string> => ({
    'task_desc.md': `# ${key}\n`,
    [planName]: `# Plan of ${key}\n\n${stepsOf(key, count)}\n## Roll-back\nDrop it.\n`,
  });

  it('is refused without an approval that counts, for exactly what the branch holds', async () => {
    const key = 'PAY-1';
    assert.match(await said(start(key)), /^PAY-1 is not approved for implementation\. Approve its documents/);
    const written = await writeDocuments(world, key, documents(key, 1));
    approve(world, key, written, { by: 'sam', mover: 'pat' });
    assert.match(await said(start(key)), /approval of PAY-1 by Sam Okafor does not count\. Sam Okafor did not move/); // prettier-ignore
    const [first, ...others] = written.documents;
    approve(world, key, { ...written, documents: [{ ...first!, blob: 'a'.repeat(40) }, ...others] });
    assert.match(await said(start(key)), /does not fit the commit [0-9a-f]{12}, which holds another content/);
    approve(world, key, { ...written, commit: 'c'.repeat(40) });
    assert.match(await said(start(key)), /approved commit cccccccccccc is not in .* also after a fetch/);
    approve(world, key, written);
    const { steps, checks, place, shown: agreed } = await app.implementations.plan(app.tasks.get(key));
    assert.deepEqual([steps, place?.branch], [['Part 1'], docsBranch(key)]);
    const shown = checks.filter(({ check }) => ['approval', 'plan', 'checks'].includes(check));
    assert.deepEqual(
      shown.map(({ check, ok, detail }) => [check, ok, detail]),
      [
        ['approval', true, `${written.commit.slice(0, 8)} approved by Pat Manager`],
        ['plan', true, '1 step: Part 1'],
        ['checks', false, 'Nothing checks the steps'],
      ],
    );
    // The person reads; meanwhile all of it may change.
    const again = await writeDocuments(world, key, { [planName]: `# Other\n\n${stepsOf(key, 2)}` });
    approve(world, key, again, { mover: null });
    const settings = { ...person.settings, checks: ['true'] };
    const checking = await bed.add(openApp({ ...person, settings }));
    assert.match(
      await said(start(key, { shown: agreed }, checking)),
      /^The implementation of PAY-1 is not what you were shown any more: the approved commit, the approved documents, the steps, the checks changed meanwhile\. Nothing was started/,
    );
    await writeDocuments(world, key, { 'task_desc.md': '# PAY-1, otherwise\n' });
    assert.match(await said(start(key)), /is stale: docs\/tasks\/PAY-1\/task_desc\.md changed since Pat Manager approved/); // prettier-ignore
    assert.deepEqual([questions, (await app.ledger.read()).runs], [[], []]);
    assert.equal(world.records(key).filter(({ title }) => title.startsWith('AI')).length, 0);
  });

  it('goes on after it was cut off, with what was approved, through all steps in one session', async () => {
    const key = 'PAY-2';
    const own = await bed.add(
      openApp({
        ...person,
        settings: {
          ...person.settings,
          implementation: { branchPattern: 'task/${key}-build' },
          checks: ['test -d src'],
        },
      }),
    );
    const written = await writeDocuments(world, key, documents(key, 4));
    approve(world, key, written);
    const cutOff = new Error('cut off');
    const cut: StartOptions['onProgress'] = ({ step }) => {
      if (step === 'launch') throw cutOff;
    };
    await assert.rejects(start(key, { onProgress: cut }, own), cutOff);
    const [begun] = (await own.ledger.read()).runs;
    assert.deepEqual([begun?.reached, begun?.order.branch], ['record', 'task/PAY-2-build']);
    const records = (): [string, string | undefined][] =>
      world
        .records(key)
        .flatMap(({ title, sessionId }) => (title.startsWith('AI') ? [[title, sessionId]] : []));
    assert.deepEqual(records(), [['AI Implementation Started', begun?.order.sessionId]]);

    // What was being copied when it was cut off is copied again.
    const copies = join(runFolder(world.home, begun!.order.id), 'approved');
    await mkdir(copies, { recursive: true });
    await writeFile(join(copies, planName), '# Plan of PA');
    // Somebody ticks a box of the plan: it has begun, so that keeps nobody.
    const ticked = documents(key, 4)[planName]!.replace('[ ]', '[x]');
    await writeDocuments(world, key, { [planName]: ticked });
    assert.match(
      await said(start(key, {}, own)),
      /^Your implementation of PAY-2 on laptop was not started to the end/,
    );
    const goOn = () => start(key, { ask: () => Promise.resolve(true) }, own);
    // Taken back before it is launched, it is not.
    const [approval] = world.jira.state.issue(key).comments;
    world.jira.state.editComment(key, approval!.id, 'pat', approval!.body);
    assert.match(await said(goOn()), /approval of PAY-2 by Pat Manager does not count\. It was edited/);
    approve(world, key, written, { mover: null });
    const { run } = await goOn();
    assert.equal(run.order.id, begun?.order.id);
    assert.equal(world.jira.state.issue(key).status.name, 'In Development');
    const state = await ended(run);
    assert.equal(state.kind, 'complete', JSON.stringify(state));

    const { git, origin } = world.repository;
    const subjects = await git(
      ['log', '--format=%s', '--reverse', `${written.commit}..task/PAY-2-build`],
      origin,
    );
    assert.deepEqual(
      subjects.split('\n'),
      [1, 2, 3, 4].map((n) => `PAY-2: Step ${n}: Part ${n}`),
    );
    const approved = await readFile(join(copies, planName), 'utf8');
    assert.equal(approved, documents(key, 4)[planName]);
    const transcripts = await readdir(join(world.home, '.claude/projects'), { recursive: true });
    assert.deepEqual(
      transcripts.filter((name) => name.endsWith('.jsonl')).map((name) => name.split('/').at(-1)),
      [`${run.order.sessionId}.jsonl`],
    );
    const entry = (await own.ledger.read()).entries.find((one) => one.sessionId === run.order.sessionId);
    assert.deepEqual([entry?.kind, entry?.key, entry?.branch], ['implementation', key, 'task/PAY-2-build']);
    await own.store.refresh();
    await own.settling.settleOwn();
    assert.deepEqual(records(), [['AI Implementation Complete', run.order.sessionId]]);
  });

  it('works on in the clean worktree of the analysis, and asks what a failed check means', async () => {
    const key = 'PAY-3';
    const strict = await bed.add(
      openApp({ ...person, settings: { ...person.settings, checks: ['echo no; false'] } }),
    );
    const { git } = world.repository;
    const old = await writeDocuments(world, key, { 'task_desc.md': '# Old\n' });
    await git(['fetch', '--quiet']);
    const tree = join(trees, key);
    await git([
      'worktree',
      'add',
      '--quiet',
      '--track',
      '-b',
      docsBranch(key),
      tree,
      `origin/${docsBranch(key)}`,
    ]);
    // The documents were edited elsewhere, before they were approved.
    const written = await writeDocuments(world, key, documents(key, 1));
    approve(world, key, written);

    assert.match(await said(start(key, {}, strict)), /exists already on laptop/);
    assert.match(questions[0]?.detail ?? '', new RegExp(`in ${tree}`));
    await strict.ledger.rememberWorktree({ key, host: 'laptop', directory: tree, createdAt: 1 });
    await writeFile(join(tree, 'mine.txt'), 'not yet');
    assert.match(await said(start(key, {}, strict)), new RegExp(`^${tree} on laptop has .* not committed: mine.txt\\.`)); // prettier-ignore
    await git(['clean', '--quiet', '-f'], tree);

    // Somebody talks with Claude there.
    const talk = spawn('sleep', ['600'], { stdio: 'ignore' });
    const ofTalk = await bed.add({ dispose: () => void talk.kill() });
    const pid = talk.pid!;
    const registered = join(world.home, `.claude/sessions/${pid}.json`);
    await mkdir(join(registered, '..'), { recursive: true });
    const procStart = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]!.split(' ')[19];
    const sessionId = randomUUID();
    await writeFile(
      registered,
      JSON.stringify({ pid, procStart, sessionId, cwd: join(tree, 'src'), status: 'idle' }),
    );
    questions = [];
    assert.match(await said(start(key, {}, strict)), new RegExp(`^Claude is live in ${tree} on laptop: session ${sessionId.slice(0, 8)} outside tmux \\(pid ${pid}\\)\\. What is changed`)); // prettier-ignore
    assert.deepEqual(
      questions.map((one) => one.kind === 'liveSession' && [one.sessionId, one.pid]),
      [[sessionId, pid]],
    );
    const { runs } = await strict.ledger.read();
    assert.deepEqual([runs.some(({ order }) => order.key === key), talk.signalCode], [false, null]);
    const looked = await strict.implementations.plan(strict.tasks.get(key));
    assert.deepEqual(looked.questions, questions);
    const beside = ({ kind }: StartQuestion): Promise<boolean> => Promise.resolve(kind === 'liveSession');
    const cancel = new AbortController();
    const begun: StartOptions['onProgress'] = ({ step }) => {
      if (step === 'branch') cancel.abort();
    };
    await assert.rejects(start(key, { ask: beside, onProgress: begun, signal: cancel.signal }, strict));
    assert.ok(cancel.signal.aborted);
    ofTalk.dispose();

    const { shown } = await strict.implementations.plan(strict.tasks.get(key));
    const { run } = await start(key, { shown }, strict);
    assert.deepEqual([run.order.directory, run.existing], [tree, true]);
    assert.deepEqual(shownOf(run.order), shown);
    assert.deepEqual(
      [shown?.commit, shown?.steps, shown?.checks],
      [written.commit, ['Part 1'], ['echo no; false']],
    );
    // One that works already is answered as what was started, unless it is of something else.
    const seeingOther = { ...shown!, commit: 'c'.repeat(40) };
    assert.match(
      await said(start(key, { shown: seeingOther }, strict)),
      /: the approved commit changed meanwhile/,
    );
    const state = await ended(run);
    assert.deepEqual([state.kind, 'step' in state && state.step], ['failed', 'check'], JSON.stringify(state));
    assert.equal(await git(['merge-base', 'HEAD', written.commit], tree), written.commit);

    const seen = { kind: 'failed', step: 'check', at: 0, plan: { current: 2, total: 2 } } as RunState;
    const skip = (how: object = {}) =>
      strict.implementations.continue({ ...run.order, ...how }, { answer: 'skip' });
    assert.match(
      await said(skip({ state: seen })),
      /check of step 2 was answered meanwhile; now that of step 1/,
    );
    // What it was ordered by is taken back, or given to something else: a person decides, and nothing is answered yet.
    const edit = (): void => {
      const last = world.jira.state.issue(key).comments.findLast(({ author }) => author.name === 'pat')!;
      world.jira.state.editComment(key, last.id, 'pat', last.body);
    };
    edit();
    assert.match(await said(skip()), /^The approval of PAY-3 by Pat Manager does not count\. It was edited/);
    approve(world, key, old, { mover: null });
    assert.match(await said(skip()), /^PAY-3 was approved anew, at .* by what was approved at/);
    questions = [];
    await said(start(key, {}, strict));
    assert.ok(!questions.some(({ kind }) => kind === 'ownRun'), JSON.stringify(questions));
    edit();
    approve(world, key, written, { mover: null });
    const [one, other] = await Promise.all([said(skip()), said(skip())]);
    assert.ok([one, other].includes('done'), `${one} ${other}`);
    assert.equal((await ended(run)).kind, 'complete');
    assert.match(await said(skip()), /No check of the implementation of PAY-3 waits for an answer/);
    assert.match(await said(start(key, {}, strict)), /^task\/PAY-3-analysis has commits since the approval/);
  });

  it('is of what the gate approved, by one of two at once; and from the command line tells its steps before', async () => {
    const key = 'PAY-4';
    const all = ['solution_options.md', 'task_test_designs.md', 'critic.md'].map((name) => [
      name,
      `# ${name}\n`,
    ]);
    const written = await writeDocuments(world, key, { ...documents(key, 2), ...Object.fromEntries(all) });
    world.jira.state.setStatus(key, 'Ready for Review', 'pat');
    const { counts } = await app.gate.approve(app.tasks.get(key), written.commit);
    assert.equal(counts, true);
    const config = join(world.folder, 'config.json');
    await writeFile(config, JSON.stringify(person.settings));
    const cli = (...args: string[]) =>
      runCommand([node, cliFile, ...args], {
        env: { ...person.env, TASK_SESSIONS_CONFIG: config },
        cwd: world.home,
        input: '',
        timeoutMs: 60_000,
      });
    const { stdout, stderr } = await cli('implement', key, '--dry-run', '--json');
    const { schema, steps, branch } = JSON.parse(stdout || '{}') as Record<string, unknown>;
    assert.deepEqual([schema, steps, branch], [1, ['Part 1', 'Part 2'], docsBranch(key)], stderr);
    assert.equal((await cli('continue', key, '--fix', '--skip')).code, 2);

    const pat = await bed.add(openApp(await world.person('pat', { phases })));
    world.analyst.hang = true;
    await start(key, {}, pat);
    assert.match(await said(start(key)), /Pat Manager already started an implementation of PAY-4 on laptop/);
    assert.equal(
      (await app.ledger.read()).runs.some(({ order }) => order.key === key),
      false,
    );
  });
});
