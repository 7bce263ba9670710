import assert from 'node:assert/strict';
import { emptySnapshot, type HostState, type Snapshot, type Task } from '../../../src/model/task/task';
import {
  childNodes,
  filterTasks,
  groupings,
  rootNodes,
  type Grouping,
  type TreeNode,
} from '../../../src/ui/tree/nodes';
import { id, session, task } from '../model/examples';

const names = ['task_desc.md', 'critic.md'];
const checkout = {
  repository: 'x',
  host: 'laptop',
  directory: '/x',
  name: 'b',
  ref: 'refs/heads/b',
  head: 'a',
};
const doc = (name: string, path = `docs/${name}`) => ({ name, path, blob: 'b' });

const snapshot = (tasks: Task[], fields: Partial<Snapshot> = {}): Snapshot => ({
  ...emptySnapshot,
  jira: { signedIn: true },
  tasks,
  ...fields,
});

const roots = (tasks: Task[], groupBy: Grouping = 'phase', filter = '') =>
  rootNodes(snapshot(tasks), { groupBy, filter });

/** Every node, parents first. */
function walk(nodes: readonly TreeNode[]): TreeNode[] {
  return nodes.flatMap((node) => [node, ...walk(childNodes(node, names))]);
}

/** What a node is, in a word. */
function outline(node: TreeNode): string {
  switch (node.kind) {
    case 'group':
      return `${node.label} ${node.tasks.length}`;
    case 'task':
      return node.task.key;
    case 'document':
      return node.doc.path;
    case 'missingDocument':
      return `no ${node.name}`;
    case 'session':
      return `${node.session.host} ${node.session.evidence}`;
    default:
      return node.kind;
  }
}
const outlines = (nodes: readonly TreeNode[]) => nodes.map(outline);

const full = task('PAY-1', {
  phase: 'awaitingReview',
  priority: 'High',
  status: 'Review',
  assignee: 'Pat',
  branch: 'task/PAY-1-analysis',
  checkout,
  docs: [doc('critic.md'), doc('notes.md')],
  sessions: [
    session({ host: 'devserver', state: 'idle' }),
    session({ id: id(2), evidence: 'candidate', reason: 'its name carries PAY-1' }),
  ],
});

describe('the first level of the tree', () => {
  const tasks = [
    task('PAY-1', { phase: 'done', status: 'Closed', priority: 'Low' }),
    task('PAY-2', { phase: 'backlog', priority: 'Strange' }),
    task('PAY-3', { phase: 'awaitingReview', status: 'Review', priority: 'Highest' }),
    task('PAY-4', { phase: 'analyzing' }),
    task('PAY-5', { phase: 'backlog', priority: 'Major' }),
    task('PAY-6', { phase: 'approved', priority: 'Trivial' }),
    task('PAY-7', { phase: 'implementing', priority: 'Another' }),
    task('PAY-8', { phase: 'inReview', status: 'Review', priority: 'Highest' }),
  ];
  const cases: Record<Grouping, string[]> = {
    phase: ['Awaiting review 1', 'Approved 1', 'Implementing 1', 'In review 1', 'Analyzing 1', 'Backlog 2', 'Done 1'],
    status: ['Closed 1', 'To Do 5', 'Review 2'],
    priority: ['Highest 2', 'Major 1', 'Another 1', 'Strange 1', 'Low 1', 'Trivial 1', 'No priority 1'],
    flat: tasks.map(({ key }) => key),
  }; // prettier-ignore
  for (const groupBy of groupings)
    it(`by ${groupBy}: ${cases[groupBy].join(', ')}`, () => {
      const nodes = roots(tasks, groupBy);
      assert.deepEqual(outlines(nodes), cases[groupBy]);
      const shown = nodes.flatMap((node) => (node.kind === 'group' ? childNodes(node, names) : [node]));
      assert.deepEqual(
        outlines(shown).toSorted(),
        tasks.map(({ key }) => key),
      );
    });

  it('keeps the order of the JQL in a group', () => {
    const group = roots(tasks.toReversed()).find((node) => node.kind === 'group' && node.phase === 'backlog');
    assert.deepEqual(outlines(childNodes(group!, names)), ['PAY-5', 'PAY-2']);
  });

  it('takes the names of a status and of an object for different things', () => {
    const odd = ['constructor', '__proto__', 'toString'].map((status, n) => task(`PAY-${n + 1}`, { status }));
    assert.deepEqual(outlines(roots(odd, 'status')), ['constructor 1', '__proto__ 1', 'toString 1']);
  });

  it('is empty without tasks', () => {
    for (const groupBy of groupings) assert.deepEqual(roots([], groupBy), []);
  });
});

describe('the sessions of a task', () => {
  it('end with the number of candidates that are not shown', () => {
    const outlineOf = (fields: Partial<Task>): string[] => {
      const [one] = roots([task('PAY-1', { sessions: [session()], ...fields })], 'flat');
      return outlines(walk(childNodes(one!, names)));
    };
    assert.deepEqual(outlineOf({ moreCandidates: 3 }), ['sessions', 'laptop record', 'moreCandidates']);
    assert.deepEqual(outlineOf({}), ['sessions', 'laptop record']);
  });
});

describe('notices', () => {
  const kinds = (fields: Partial<Snapshot>, tasks = [full]) =>
    rootNodes(snapshot(tasks, fields), { groupBy: 'flat', filter: '' }).filter(({ kind }) => kind !== 'task');
  const down: HostState = { name: 'devserver', local: false, error: 'timed out', asOf: 5 };

  it('say that Jira failed, and of when the tasks are', () => {
    const jira = { signedIn: true, error: 'down', next: 'Try again.', asOf: 5 };
    assert.deepEqual(kinds({ jira }), [{ kind: 'jiraNotice', id: 'notice/jira', error: 'down', next: 'Try again.', asOf: 5 }]); // prettier-ignore
    // The welcome view says it where there is nothing else, and a failed sign-in is not Jira's failure.
    assert.deepEqual(kinds({ jira }, []), []);
    assert.deepEqual(kinds({ jira: { ...jira, signedIn: false } }), []);
  });

  const was = { asOf: 5, earlier: true };
  const laptop: HostState = { name: 'laptop', local: true, asOf: 9 };
  const earlier = (sources: string[], signedIn = true) => [{ kind: 'earlierNotice', id: 'notice/earlier', sources, asOf: 5, signedIn }]; // prettier-ignore

  it('say once what is of an earlier run, as of the oldest', () => {
    const jira = { signedIn: true, asOf: 7, earlier: true };
    const hosts = [
      { ...laptop, ...was },
      { ...down, ...was, error: undefined },
    ].map(({ error: _error, ...host }) => host);
    assert.deepEqual(kinds({ jira, hosts, branches: was }), earlier(['Jira', 'sessions', 'branches']));
    assert.deepEqual(kinds({ hosts: [laptop, hosts[1]!] }), earlier(['sessions on devserver']));
    assert.deepEqual(kinds({ jira: { signedIn: false, ...was } }), earlier(['Jira'], false));
    assert.deepEqual(kinds({ jira }, []), []);
    assert.deepEqual(kinds({ jira: { signedIn: true, asOf: 5 }, hosts: [laptop] }), []);
  });

  it('say of one that failed since only that it failed; when signed out, only of when it is', () => {
    const jira = { signedIn: true, ...was, error: 'down' };
    const nodes = kinds({ jira, hosts: [{ ...down, ...was }], branches: { ...was, error: 'no git' } });
    assert.deepEqual(outlines(nodes), ['jiraNotice', 'branchesNotice', 'hostNotice']);
    assert.deepEqual(kinds({ jira: { ...jira, signedIn: false } }), earlier(['Jira'], false));
  });

  it('say that the branches could not be read, and of when they are', () => {
    const branches = { asOf: 5, error: 'no git', next: 'Install it.' };
    assert.deepEqual(kinds({ branches }), [{ kind: 'branchesNotice', id: 'notice/branches', ...branches }]); // prettier-ignore
    assert.deepEqual(kinds({ branches: { asOf: 5 } }), []);
  });

  it('say which host does not answer', () => {
    const hosts = [laptop, down];
    assert.deepEqual(kinds({ hosts }), [{ kind: 'hostNotice', id: 'notice/host/devserver', host: down }]);
  });

  it('say once what is wrong with a repository', () => {
    const wrong = (key: string, branchError: string) => task(key, { branchError });
    const tasks = [
      wrong('PAY-1', 'No repository.'),
      wrong('PAY-2', 'No repository.'),
      wrong('WEB-1', 'Gone.'),
    ];
    assert.deepEqual(
      kinds({}, tasks).map((node) => node.kind === 'repositoryNotice' && [node.error, node.tasks]),
      [['No repository.', 2], ['Gone.', 1]],
    ); // prettier-ignore
  });

  it('say once that a host does not answer, also where its repository was to be read', () => {
    const away = { ...down, error: 'devserver could not be reached.' };
    const lost = task('PAY-1', { branchError: `${away.error} Try "ssh devserver".` });
    assert.deepEqual(outlines(kinds({ hosts: [away] }, [lost])), ['hostNotice']);
  });

  it('stay when the filter hides every task', () => {
    const nodes = rootNodes(snapshot([full], { hosts: [down] }), { groupBy: 'phase', filter: 'nothing' });
    assert.deepEqual(outlines(nodes), ['hostNotice']);
  });
});

describe('the filter', () => {
  const other = task('WEB-2', { summary: 'Export ignores time zone' });
  const cases: [filter: string, keys: string[]][] = [
    ['', ['PAY-1', 'WEB-2']],
    ['  ', ['PAY-1', 'WEB-2']],
    ['pay', ['PAY-1']],
    ['TIME  export', ['WEB-2']],
    ['export pay-1', []],
    ['awaiting', ['PAY-1']],
    ['high', ['PAY-1']],
    ['devserver idle', ['PAY-1']],
    ['task/pay-1-', ['PAY-1']],
    ['pat', ['PAY-1']],
    [id(2), ['PAY-1']],
    ['to do', ['WEB-2']],
    ['.*', []],
    ['undefined', []],
  ];
  for (const [filter, keys] of cases)
    it(`"${filter}" lets through ${keys.join(' and ') || 'nothing'}`, () => {
      assert.deepEqual(filterTasks([full, other], filter).map(({ key }) => key), keys); // prettier-ignore
      assert.equal(roots([full, other], 'flat', filter).length, keys.length);
    });
});

describe('a task in the tree', () => {
  it('has documents, sessions and its branch', () => {
    assert.deepEqual(outlines(walk(roots([full], 'flat'))), [
      'PAY-1',
      'documents',
      'no task_desc.md',
      'docs/critic.md',
      'docs/notes.md',
      'sessions',
      'devserver record',
      'laptop candidate',
      'branch',
    ]);
  });

  it('shows documents in reading order, each place of one that is there twice', () => {
    const twice = task('PAY-1', {
      docs: [doc('critic.md'), doc('task_desc.md'), doc('critic.md', 'old/critic.md')],
    });
    assert.deepEqual(outlines(walk(roots([twice], 'flat'))).slice(2), ['docs/task_desc.md', 'docs/critic.md', 'old/critic.md']); // prettier-ignore
  });

  it('shows what was approved and is gone, also where it is none of the expected', () => {
    const documents = ['critic.md', 'more.md'].map((name) => ({ path: `docs/${name}`, blob: 'b' }));
    const approval = { commit: 'a', by: 'Pat', at: 1, stale: true, documents };
    const all = walk(roots([task('PAY-1', { head: 'c', docs: [doc('task_desc.md')], approval })], 'flat'));
    assert.deepEqual(
      all.flatMap((node) => (node.kind === 'missingDocument' ? [[node.name, node.gone?.path]] : [])),
      [['critic.md', 'docs/critic.md'], ['more.md', 'docs/more.md']],
    ); // prettier-ignore
  });

  const cases: [what: string, fields: Partial<Task>, children: string[]][] = [
    ['nothing known', {}, []],
    ['a branch without documents', { checkout }, ['documents', 'no task_desc.md', 'no critic.md', 'branch']],
    ['a branch that cannot be read', { branchError: 'x' }, ['branch']],
    ['a session whose branch is not here', { sessions: [session({ branch: 'b' })] }, ['sessions', 'laptop record', 'branch']],
    ['a candidate whose branch is not here', { sessions: [session({ branch: 'b', evidence: 'candidate' })] }, ['sessions', 'laptop candidate']],
  ]; // prettier-ignore
  for (const [what, fields, children] of cases)
    it(`with ${what} has ${children.join(', ') || 'no children'}`, () => {
      const node = roots([task('PAY-1', fields)], 'flat').at(-1);
      assert.deepEqual(outlines(walk(childNodes(node!, names))), children);
    });
});

describe('nodes', () => {
  const everything = snapshot(
    [
      full,
      task('PAY-2', { branchError: 'No repository.', phase: 'awaitingReview' }),
      task('PAY-3', { sessions: [session(), session({ host: 'devserver' }), session({ host: '' })] }),
    ],
    { jira: { signedIn: true, error: 'down' }, hosts: [{ name: 'devserver', local: false, error: 'down' }] },
  );

  for (const groupBy of groupings)
    it(`by ${groupBy} have an id of their own, the same after every refresh`, () => {
      const ids = (picture: Snapshot) =>
        walk(rootNodes(picture, { groupBy, filter: '' })).map((node) => node.id);
      const first = ids(everything);
      assert.equal(new Set(first).size, first.length);
      assert.deepEqual(ids({ ...structuredClone(everything), at: 99 }), first);
      // What else is known meanwhile does not rename what was there.
      const later = structuredClone(everything);
      later.tasks.unshift(task('PAY-9', { phase: 'awaitingReview' }));
      later.tasks[1]!.sessions.unshift(session({ id: id(7) }));
      const ended = new Set(ids(later));
      assert.deepEqual(first.filter((each) => !ended.has(each)), []); // prettier-ignore
    });

  for (const groupBy of groupings)
    it(`by ${groupBy} know their parents, up to the first level`, () => {
      const first = rootNodes(everything, { groupBy, filter: '' });
      for (const node of first) assert.equal(node.parent, undefined);
      for (const node of walk(first))
        for (const child of childNodes(node, names)) assert.equal(child.parent, node);
    });

  it('of 2,000 tasks are made by looking at each a few times, children only when asked', () => {
    let looks = 0;
    let deep = 0;
    const watched = (one: Task): Task =>
      new Proxy(one, {
        get(target, property, receiver) {
          looks++;
          if (property === 'docs' || property === 'sessions') deep++;
          return Reflect.get(target, property, receiver) as unknown;
        },
      });
    const tasks = Array.from({ length: 2000 }, (_, n) =>
      watched(task(`PAY-${n + 1}`, { phase: n % 2 ? 'backlog' : 'analyzing', sessions: [session()] })),
    );
    const first = rootNodes(snapshot(tasks), { groupBy: 'phase', filter: '' });
    assert.equal(first.length, 2);
    assert.ok(looks <= 4 * tasks.length, `${looks} looks`);
    assert.equal(deep, 0);
    looks = 0;
    assert.equal(childNodes(first[0]!, names).length, 1000);
    assert.ok(looks <= 2 * tasks.length && deep === 0, `${looks} looks`);
    looks = 0;
    filterTasks(tasks, 'pay summary laptop');
    assert.ok(looks <= 10 * tasks.length, `${looks} looks`);
  });
});
