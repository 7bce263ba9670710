import assert from 'node:assert/strict';
import { parseDeepLink, redirectedLink, taskLink, type DeepLink } from '../../../src/model/links/deepLink';
import { mayOpen, type OpenRules } from '../../../src/model/links/openRule';
import { placeFor } from '../../../src/model/links/recordPlace';
import { webTerminalUrl } from '../../../src/model/links/webTerminal';

const session = '5f1d9b2e-7c44-4c1b-9a1e-2b8f0f5f6a01';

describe('the address of a web terminal', () => {
  const target = { name: 'PAY-1-5f1d9b2e', session, key: 'PAY-1' };
  const addresses: [template: string, address: string | undefined][] = [
    ['https://term.example.com/?arg=${name}', 'https://term.example.com/?arg=PAY-1-5f1d9b2e'],
    ['https://t.example/${key}/${session}#${name}', `https://t.example/PAY-1/${session}#PAY-1-5f1d9b2e`],
    ['https://t.example:8443/wetty', 'https://t.example:8443/wetty'],
    ['http://t.example/?arg=${name}', undefined],
    ['https://${name}.example/', undefined],
    ['https://t.example:${key}/', undefined],
    ['https://dana@t.example/?arg=${name}', undefined],
    ['https://t.example/?arg=${nonsense}', undefined],
    ['javascript:alert(${name})', undefined],
    ['${name}', undefined],
    ['', undefined],
  ];
  for (const [template, address] of addresses)
    it(`is ${address ?? 'none'} of "${template}"`, () =>
      assert.equal(webTerminalUrl(template, target), address));

  it('takes only what is what it claims to be', () => {
    const template = 'https://t.example/?arg=${name}&key=${key}';
    assert.equal(webTerminalUrl(template, { name: 'a;b', key: 'PAY-1' }), undefined);
    assert.equal(webTerminalUrl(template, { name: 'a', key: 'x&y=z' }), undefined);
    assert.equal(webTerminalUrl(template, { name: 'a' }), undefined);
  });
});

describe('an address from outside', () => {
  const rules: OpenRules = {
    jiraUrl: 'https://acme.atlassian.net',
    allowed: ['git.example.com', '*.docs.example.com', 'x.example:8443', '*.com', '*', ''],
    webTerminals: ['https://term.example.com:8443/?arg=${name}', undefined, 'http://plain.example/'],
  };
  const answers: [address: string, kind: 'open' | 'ask' | 'refused', host?: string][] = [
    ['https://acme.atlassian.net/browse/PAY-1', 'open'],
    ['https://claude.ai/code/session_1', 'open'],
    ['https://term.example.com:8443/?arg=x', 'open'],
    ['https://GIT.example.com/a', 'open'],
    ['https://a.b.docs.example.com/', 'open'],
    ['https://x.example:8443/', 'open'],
    ['https://term.example.com/?arg=x', 'ask', 'term.example.com'],
    ['http://git.example.com/a', 'ask', 'git.example.com'],
    ['http://plain.example/', 'ask', 'plain.example'],
    ['https://docs.example.com/', 'ask', 'docs.example.com'],
    ['https://evil.com/', 'ask', 'evil.com'],
    ['https://x.example/', 'ask', 'x.example'],
    ['https://claude.ai.evil.example/', 'ask', 'claude.ai.evil.example'],
    ['https://claude.ai:444/', 'ask', 'claude.ai:444'],
    ['https://claude.ai@evil.example/', 'ask', 'evil.example'],
    ['https://dana@claude.ai/', 'ask', 'claude.ai'],
    // A Cyrillic а.
    ['https://clаude.ai/', 'ask', 'xn--clude-5ve.ai'],
    ['https://claude.ai\\@evil.example/', 'open'],
    ['vscode://ms-vscode.x/run', 'refused'],
    ['command:workbench.action.terminal.new', 'refused'],
    ['file:///etc/passwd', 'refused'],
    ['javascript:alert(1)', 'refused'],
    ['//claude.ai/', 'refused'],
    ['https://claude.ai/\u202egpj', 'refused'],
    [`https://claude.ai/${'x'.repeat(9000)}`, 'refused'],
  ];
  for (const [address, kind, host] of answers)
    it(`${kind === 'open' ? 'opens' : kind === 'ask' ? 'is asked about' : 'is refused'}: ${address.slice(0, 60)}`, () => {
      const answer = mayOpen(address, rules);
      assert.equal(answer.kind, kind);
      if (answer.kind === 'ask') assert.equal(answer.host, host);
      if (answer.kind === 'open') assert.notEqual(new URL(answer.url).hostname, 'evil.example');
    });

  it("opens Jira's own where that is plain http", () => {
    const plain = { allowed: [], webTerminals: [], jiraUrl: 'http://127.0.0.1:8080/jira' };
    assert.equal(mayOpen('http://127.0.0.1:8080/jira/browse/PAY-1', plain).kind, 'open');
    assert.equal(mayOpen('http://127.0.0.1:8081/jira/browse/PAY-1', plain).kind, 'ask');
  });
});

describe('a link to a task', () => {
  const links: [path: string, query: string, link: DeepLink | 'refused'][] = [
    ['/open', 'task=PAY-456', { kind: 'open', key: 'PAY-456' }],
    ['/open/', 'windowId=_blank&task=PAY-456', { kind: 'open', key: 'PAY-456' }],
    [
      '/open',
      'task=PAY-456&document=task_desc.md',
      { kind: 'open', key: 'PAY-456', document: 'task_desc.md' },
    ],
    [
      '/resume',
      `task=PAY-456&session=${session.toUpperCase()}`,
      { kind: 'resume', key: 'PAY-456', sessionId: session },
    ],
    ['/open', `task=PAY-456&session=${session}`, { kind: 'open', key: 'PAY-456' }],
    ['/open', '', 'refused'],
    ['/open', 'task=pay-456', 'refused'],
    ['/open', 'task=PAY-456;id', 'refused'],
    ['/open', 'task=PAY-456&task=PAY-457', 'refused'],
    ['/open', 'task=PAY-456&document=../../etc/passwd', 'refused'],
    ['/open', 'task=PAY-456&document=a\u202eb.md', 'refused'],
    ['/open', `task=PAY-456&x=${'y'.repeat(3000)}`, 'refused'],
    ['/resume', 'task=PAY-456', 'refused'],
    ['/resume', 'task=PAY-456&session=latest', 'refused'],
    ['/run', 'task=PAY-456', 'refused'],
    ['/', 'task=PAY-456', 'refused'],
    [`/${'x'.repeat(3000)}`, 'task=PAY-456', 'refused'],
  ];
  for (const [path, query, expected] of links)
    it(`is read: ${`${path}?${query}`.slice(0, 70)}`, () => {
      const link = parseDeepLink(path, query);
      if (expected !== 'refused') assert.deepEqual(link, expected);
      else
        assert.match(
          link.kind === 'refused' ? link.why : '',
          /^The link [a-zA-Z ,.:_-]+456\.$|^The link [a-zA-Z ,.:_-]+$/,
        );
    });

  it("is written in the editor's own scheme, or for the configured redirect", () => {
    const link = taskLink('code-oss', 'PAY-456');
    assert.equal(link, 'code-oss://task-sessions.task-sessions/open?task=PAY-456');
    const { pathname, search } = new URL(link);
    assert.deepEqual(parseDeepLink(pathname, search.slice(1)), { kind: 'open', key: 'PAY-456' });
    assert.equal(
      redirectedLink('https://go.example/?to=${link}', link),
      'https://go.example/?to=code-oss%3A%2F%2Ftask-sessions.task-sessions%2Fopen%3Ftask%3DPAY-456',
    );
    for (const wrong of [
      '',
      'https://go.example/',
      'http://go.example/${link}',
      'https://${link}/',
      'https://x${link}/',
    ])
      assert.equal(redirectedLink(wrong, link), undefined, wrong);
  });
});

describe('the place of a record', () => {
  const facts = {
    issueKey: 'PAY-1',
    remoteUrl: 'git@github.com:a/b.git',
    branch: 'task/PAY-1-analysis',
    commit: 'abcdef1',
    docsDirectory: 'docs/tasks/${key}/',
  };

  it('leads to the pages of branch, commit and documents', () => {
    const place = placeFor({ ...facts, host: { ssh: 'dev' } });
    assert.equal(place.ssh, 'dev');
    assert.equal(place.branchUrl, 'https://github.com/a/b/tree/task/PAY-1-analysis');
    assert.equal(place.commitUrl, 'https://github.com/a/b/commit/abcdef1');
    assert.equal(
      place.docUrl?.('x.md'),
      'https://github.com/a/b/blob/task/PAY-1-analysis/docs/tasks/PAY-1/x.md',
    );
    assert.equal(place.documentUrl?.('d/x.md'), 'https://github.com/a/b/blob/abcdef1/d/x.md');
    assert.equal(placeFor({ ...facts, docsDirectory: '../x' }).docUrl?.('x.md'), undefined);
  });

  it('leads nowhere where nobody knows the pages', () => {
    assert.deepEqual(placeFor({ ...facts, remoteUrl: '/srv/x.git', host: { via: ['docker'] } }), {
      issueKey: 'PAY-1',
      withoutCommand: true,
    });
  });
});
