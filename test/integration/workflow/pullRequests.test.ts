import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IssueWriter } from '../../../src/actions/issue/issueWriter';
import { StatusMoves } from '../../../src/actions/issue/statusMoves';
import { DebtPayer } from '../../../src/actions/owed/debts';
import { PullRequestLinks } from '../../../src/actions/owed/pullRequestLinks';
import { PullRequests } from '../../../src/actions/pullRequests';
import { LocalHost } from '../../../src/hosts/local';
import { emptySnapshot } from '../../../src/model/task/task';
import { createFetcher } from '../../../src/sources/git/fetch';
import { Ledger } from '../../../src/state/ledger';
import { silentLog } from '../../../src/util/log';
import { Bed } from '../../bed/bed';
import { makeRepository } from '../../bed/git';
import { demoPhases } from '../../jira/demo/demoTask';
import { startJira, type Jira as Simulator } from '../../jira/simulator';
import { id, settings, task } from '../../unit/model/examples';
import { signedIn } from '../signedIn';

const key = 'PAY-1';
const branch = 'task/PAY-1-analysis';
const compare = `https://github.com/acme/platform/compare/main...${branch}?expand=1`;

/** A developer whose clone says that its remote is at GitHub, and whose own git goes to a folder for that. */
async function makeDeveloper(
  bed: Bed,
  deployment: 'cloud' | 'dataCenter',
  forge = 'https://github.com/acme/platform.git',
) {
  const folder = await bed.folder('pull');
  const repository = await makeRepository(folder, {
    tasks: [
      { key, docs: { 'task_desc.md': 'What' } },
      { key: 'PAY-2', docs: { 'task_desc.md': 'What' } },
    ],
    localOnly: ['PAY-2'],
  });
  await repository.git(['config', 'remote.origin.url', forge]);
  await writeFile(join(folder, '.gitconfig'), `[url "${repository.origin}"]\n\tinsteadOf = ${forge}\n`);
  const simulator = await bed.add(startJira({ deployment }));
  const issue = simulator.state.addIssue({ key, summary: 'Pay', status: 'In Development' });
  simulator.state.addIssue({ key: 'PAY-2', summary: 'Pay more' });
  const jira = await signedIn(simulator);
  const { connection } = jira;
  const config = settings({ phases: demoPhases });
  const host = new LocalHost({
    name: 'laptop',
    settings: config.local,
    log: silentLog,
    env: { HOME: folder, PATH: process.env['PATH'], GIT_CONFIG_NOSYSTEM: '1' },
  });
  const ledger = new Ledger(join(folder, 'state'));
  const account = {
    state: { signedIn: true, url: connection.baseUrl, user: connection.user.name },
    jira: () => Promise.resolve(jira),
    noteEdit: () => undefined,
  };
  const writer = new IssueWriter({
    hosts: [host],
    store: { snapshot: emptySnapshot },
    account,
    log: silentLog,
  });
  const moves = new StatusMoves({ settings: config, ledger, log: silentLog }, writer);
  const fetcher = createFetcher();
  const place = { name: 'platform', host: 'laptop', directory: repository.clone };
  const repositories = {
    repository: () => Promise.resolve({ kind: 'found' as const, name: 'platform', places: [place] }),
    host: () => host,
  };
  const links = new PullRequestLinks({ moves, ledger, log: silentLog }, writer);
  const debts = new DebtPayer([links], { account });
  const pullRequests = new PullRequests({ settings: config, repositories, fetcher, ledger }, links, writer);
  await bed.add({
    dispose: () => {
      jira.close();
      fetcher.dispose();
      host.dispose();
    },
  });
  return {
    repository,
    simulator,
    ledger,
    pullRequests,
    links,
    debts,
    moves,
    of: task(key, { id: issue.id, branch }),
  };
}

const linksOf = (simulator: Simulator) =>
  simulator.state
    .issue(key)
    .remoteLinks.map(({ object, globalId, relationship }) => ({ ...object, globalId, relationship }));

describe('the pull request of a task', () => {
  const bed = new Bed();
  after(() => bed.dispose());

  for (const deployment of ['cloud', 'dataCenter'] as const)
    it(`is linked once on the issue, which is in review then (${deployment})`, async () => {
      const { simulator, ledger, pullRequests, of } = await makeDeveloper(bed, deployment);
      const plan = await pullRequests.plan(of);
      assert.deepEqual([plan.branch, plan.base, plan.compare, plan.warnings], [branch, 'main', compare, []]);
      const linked = await pullRequests.link(of, plan);
      assert.deepEqual(linked, { url: compare, status: 'moved', problems: [] });
      assert.equal(simulator.state.issue(key).status.name, 'In Review');
      const globalId = `task-sessions/pull-request/${of.id}/${branch}`;
      const link = { summary: 'Into main', globalId, relationship: 'Pull request' };
      assert.deepEqual(linksOf(simulator), [
        { url: compare, title: `Open pull request: ${branch}`, ...link },
      ]);

      const page = plan.pages.pullRequest('https://github.com/acme/platform/pull/12/files');
      const again = await pullRequests.link(of, plan, page);
      const url = 'https://github.com/acme/platform/pull/12';
      assert.deepEqual(again, { url, name: 'Pull request #12', status: 'unchanged', problems: [] });
      assert.deepEqual(linksOf(simulator), [{ url, title: `Pull request #12: ${branch}`, ...link }]);
      assert.equal((await ledger.read()).pullRequests.length, 1);
      assert.equal((await pullRequests.plan(of)).opened?.url, url);
    });

  it('needs a branch that is pushed, has work, and is not what it goes into', async () => {
    const { repository, pullRequests, of, simulator } = await makeDeveloper(bed, 'cloud');
    const refused = async (name: string, message: RegExp) =>
      assert.rejects(pullRequests.plan({ ...of, branch: name }), (error: Error) => {
        assert.match(error.message, message);
        return true;
      });
    await refused('task/PAY-2-analysis', /^task\/PAY-2-analysis is not on origin\.$/);
    await refused('task/none', /^task\/none is not on origin, nor on laptop\.$/);
    await refused('main', /would be merged into/);
    await repository.git(['push', '--quiet', repository.origin, 'main:refs/heads/task/empty']);
    await refused('task/empty', /holds nothing that main does not have/);

    // Of what is only here, the person is told.
    await repository.git(['switch', '--quiet', '--create', branch, `origin/${branch}`]);
    await repository.commit({ 'more.txt': 'more' }, 'More');
    const plan = await pullRequests.plan(of);
    assert.deepEqual(plan.warnings, [`Not pushed yet: 1 commit of ${branch} on laptop.`]);
    assert.equal(plan.checkedOutIn, repository.clone);

    await repository.git(['config', 'remote.origin.url', repository.origin]);
    await refused(branch, /Nobody knows what kind of git host/);
    assert.deepEqual(linksOf(simulator), []);
  });

  it('moves no issue that a person has brought further, nor through the approval, and says what Jira refuses', async () => {
    const { simulator, pullRequests, moves, of, ledger } = await makeDeveloper(bed, 'cloud');
    const plan = await pullRequests.plan(of);
    simulator.state.setStatus(key, 'Done', 'pat');
    simulator.state.deny(key, 'link');
    const { status, problems } = await pullRequests.link(of, plan);
    assert.equal(status, 'unchanged');
    assert.match(
      problems.join('\n'),
      /^The link was not put on PAY-1: .* Ask for the permission to link issues\.$/,
    );
    assert.equal(simulator.state.issue(key).status.name, 'Done');
    assert.equal((await ledger.read()).pullRequests[0]?.url, compare);

    // Here the only way leads through the status of the approval, which says that somebody approved.
    simulator.state.workflow.transitions = [
      { id: '41', name: 'Approve', to: 'Approved', from: ['Ready for Review'] },
      { id: '61', name: 'Send to review', to: 'In Review', from: ['Approved'] },
    ];
    simulator.state.setStatus(key, 'Ready for Review', 'pat');
    const stuck = await moves.moveNow({ key }, 'inReview');
    assert.equal(stuck.kind, 'refused');
    assert.match(
      stuck.note ?? '',
      /was not moved from Ready for Review to In Review: Jira offers you no transition/,
    );
    assert.equal(simulator.state.issue(key).status.name, 'Ready for Review');
  });

  it('leaves an issue where somebody took it back, though its run is settled again', async () => {
    const { simulator, moves } = await makeDeveloper(bed, 'cloud');
    const run = { id: id(7), key, sessionId: id(8), createdAt: Date.now() - 60_000 };
    simulator.state.setStatus(key, 'AI Analysis', 'dana');
    assert.equal((await moves.move(run, 'awaitingReview')).kind, 'moved');
    assert.equal(simulator.state.issue(key).status.name, 'Ready for Review');
    // Changes were requested.
    simulator.state.setStatus(key, 'AI Analysis', 'pat');
    assert.equal((await moves.move(run, 'awaitingReview')).kind, 'unchanged');
    assert.equal(simulator.state.issue(key).status.name, 'AI Analysis');
    // Gone on with after that, it is the run's again.
    const again = await moves.move({ ...run, createdAt: Date.now() + 1 }, 'awaitingReview');
    assert.equal(again.kind, 'moved');
  });

  it('is owed while Jira is down, once, and linked later as it is noted then; what Jira refuses is not owed', async () => {
    const { simulator, ledger, pullRequests, debts, of } = await makeDeveloper(bed, 'cloud');
    const owed = async () =>
      (await ledger.read()).owed.map(({ kind, issueKey, attempts }) => [kind, issueKey, attempts]);
    const plan = await pullRequests.plan(of);
    for (const fault of [
      { kind: 'status', status: 503 },
      { kind: 'rateLimit', retryAfter: 0 },
      { kind: 'reset' },
    ] as const) {
      const clear = simulator.faults.add(fault, { path: /issue/ });
      const { problems, status } = await pullRequests.link(of, plan);
      assert.match(problems.join('\n'), /The link was not put on PAY-1: .* It is owed, and put there when Jira answers/);
      assert.deepEqual([status, await owed()], ['owed', [['link', key, 1]]]);
      clear();
    }
    assert.deepEqual(await debts.pay({ unasked: true }), [], 'pauses');
    assert.deepEqual(await debts.pay({ key: 'PAY-2' }), [], 'another task');
    // Killed after Jira had it, and before that was noted: it is one link still, with what is known of it now.
    const page = plan.pages.pullRequest('https://github.com/acme/platform/pull/12');
    simulator.faults.add({ kind: 'cut', afterBytes: 0 }, { path: /remotelink/ });
    assert.equal((await pullRequests.link(of, plan, page)).problems.length, 1);
    simulator.faults.clear();
    assert.deepEqual(await debts.pay(), [{ kind: 'link', key, result: 'paid' }]);
    assert.deepEqual(linksOf(simulator).map(({ title }) => title), [`Pull request #12: ${branch}`]);
    assert.deepEqual([simulator.state.issue(key).status.name, await owed()], ['In Review', []]);

    simulator.faults.add({ kind: 'status', status: 503 }, { path: /remotelink/ });
    await pullRequests.link(of, plan);
    simulator.faults.clear();
    simulator.state.deny(key, 'link');
    const [refused] = await debts.pay();
    assert.deepEqual([refused?.result, await owed()], ['refused', []]);
    assert.match(refused?.problem ?? '', /Ask for the permission to link issues/);
  }); // prettier-ignore

  it('is paid late: a person who moved the issue back meanwhile is heeded, and after a month it is given up', async () => {
    const { simulator, ledger, pullRequests, debts, of } = await makeDeveloper(bed, 'dataCenter');
    const plan = await pullRequests.plan(of);
    const fail = async () => {
      simulator.faults.add({ kind: 'status', status: 503 }, { path: /issue/ });
      await pullRequests.link(of, plan);
      simulator.faults.clear();
    };
    await fail();
    simulator.state.setStatus(key, 'AI Analysis', 'pat');
    simulator.state.setStatus(key, 'To Do', 'pat');
    assert.deepEqual(await debts.pay(), [{ kind: 'link', key, result: 'paid' }]);
    assert.deepEqual([simulator.state.issue(key).status.name, linksOf(simulator).length], ['To Do', 1]);

    await fail();
    const [write] = (await ledger.read()).owed;
    assert.equal(write?.kind, 'link');
    await ledger.owe({ ...write, createdAt: Date.now() - 31 * 86_400_000 });
    assert.match((await debts.pay())[0]?.problem ?? '', /is given up after 30 days/);
    assert.deepEqual((await ledger.read()).owed, []);
  });
});
