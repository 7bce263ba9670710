import assert from 'node:assert/strict';
import { UserError } from '../../src/model/errors';
import { findSite, parseJiraUrl, signIn } from '../../src/sources/jira/connection';
import { JiraError, needsSignIn } from '../../src/sources/jira/errors';
import type { JiraProblemKind } from '../../src/sources/jira/errors';
import type { Log } from '../../src/util/log';
import type { Fault } from '../jira/faults';
import { startJira } from '../jira/simulator';
import type { Jira } from '../jira/simulator';

const email = 'dana@acme.example';

describe('Signing in to Jira', () => {
  let cloud: Jira;
  let dataCenter: Jira;
  let lines: string[];
  const log: Log = {
    debug: (line) => lines.push(line),
    info: (line) => lines.push(line),
    warn: (line) => lines.push(line),
    error: (line) => lines.push(line),
  };
  const options = () => ({
    log,
    gatewayUrl: new URL(cloud.gatewayUrl).origin,
    transport: { pauseMs: 1 },
  });

  before(async () => {
    cloud = await startJira({ deployment: 'cloud' });
    dataCenter = await startJira({ deployment: 'dataCenter', contextPath: '/jira' });
  });
  after(async () => {
    await cloud.close();
    await dataCenter.close();
  });
  beforeEach(() => {
    lines = [];
    for (const jira of [cloud, dataCenter]) {
      jira.requests.length = 0;
      jira.faults.clear();
    }
  });
  afterEach(() => {
    const all = lines.join('\n');
    assert.ok(!/dana-(?:token|pat|scoped)|Basic|Bearer/.test(all), all);
  });

  const failure = async (attempt: Promise<unknown>): Promise<UserError> => {
    const error: unknown = await attempt.then(
      () => assert.fail('it signed in'),
      (error: unknown) => error,
    );
    assert.ok(error instanceof UserError, String(error));
    return error;
  };

  it('knows Jira Cloud, and who we are there', async () => {
    const connection = await signIn({ url: cloud.url, email, token: 'dana-token' }, options());
    assert.equal(connection.deployment, 'cloud');
    assert.equal(connection.apiUrl, cloud.url);
    assert.equal(connection.user.name, 'Dana Developer');
    assert.equal(connection.user.timeZone, 'Europe/Berlin');
    assert.equal(cloud.requests.length, 2);
    assert.equal(cloud.requests[0]?.headers['authorization'], undefined);
    assert.equal(lines.length, 2);
    assert.match(lines[0] ?? '', /^Jira: GET \/rest\/api\/2\/serverInfo 200 \d+ ms$/);
  });

  it('knows Data Center below its context path', async () => {
    const connection = await signIn({ url: `${dataCenter.url}/`, token: 'dana-pat' }, options());
    assert.equal(connection.deployment, 'dataCenter');
    assert.equal(connection.baseUrl, dataCenter.url);
    assert.deepEqual(connection.user, {
      id: 'JIRAUSER10101',
      login: 'dana',
      name: 'Dana Developer',
      timeZone: 'Europe/Berlin',
    });
  });

  it('sends a personal access token alone, also where an e-mail is set', async () => {
    const connection = await signIn({ url: dataCenter.url, email, token: 'dana-pat' }, options());
    assert.deepEqual(connection.credential, { token: 'dana-pat' });
  });

  for (const page of [
    '/browse/PAY-1',
    '/jira/software/projects/PAY/boards/1',
    '/projects/PAY?x=1#y',
    '/wrong',
  ])
    it(`finds Jira from the address of a page in it: ${page}`, async () => {
      assert.equal((await findSite(cloud.url + page, options())).baseUrl, cloud.url);
    });

  it('takes a scoped token to the gateway', async () => {
    const connection = await signIn({ url: cloud.url, email, token: 'dana-scoped' }, options());
    assert.equal(connection.apiUrl, cloud.gatewayUrl);
    assert.equal(connection.origin, cloud.url);
    assert.equal(connection.baseUrl, cloud.url);
  });

  it('says which scopes a scoped token lacks', async () => {
    const token = cloud.state.user('sam').tokens.find(({ kind }) => kind === 'scoped');
    assert.ok(token);
    token.scopes = ['read:jira-work'];
    const error = await failure(
      signIn({ url: cloud.url, email: 'sam@acme.example', token: 'sam-scoped' }, options()),
    );
    assert.ok(error instanceof JiraError);
    assert.equal(error.kind, 'scopedToken');
    assert.match(error.next, /read:jira-user/);
  });

  it('asks for the e-mail that Cloud needs', async () => {
    const error = await failure(signIn({ url: cloud.url, token: 'dana-token' }, options()));
    assert.match(error.message, /e-mail/);
  });

  it('says so where the token is wrong, on both', async () => {
    const onCloud = await failure(signIn({ url: cloud.url, email, token: 'wrong' }, options()));
    const there = await failure(signIn({ url: dataCenter.url, token: 'wrong' }, options()));
    for (const error of [onCloud, there]) {
      assert.match(error.message, /refused the token/);
      assert.ok(needsSignIn(error));
    }
  });

  it('refuses what cannot be a token before it goes anywhere', async () => {
    const error = await failure(signIn({ url: dataCenter.url, token: 'a\r\nHost: evil' }, options()));
    assert.match(error.message, /token/);
    assert.equal(dataCenter.requests.length, 1);
  });

  it('sees that there is no Jira without the context path', async () => {
    const error = await failure(
      signIn({ url: new URL(dataCenter.url).origin, token: 'dana-pat' }, options()),
    );
    assert.ok(error instanceof JiraError);
    assert.equal(error.kind, 'wrongUrl');
    assert.match(error.next, /context path/);
  });

  const faults: { fault: Fault; kind: JiraProblemKind; says: RegExp; transient: boolean }[] = [
    { fault: { kind: 'hang' }, kind: 'timeout', says: /did not answer/, transient: true },
    { fault: { kind: 'reset' }, kind: 'network', says: /connection .* failed/, transient: true },
    { fault: { kind: 'cut' }, kind: 'network', says: /connection .* failed/, transient: true },
    { fault: { kind: 'loginPage' }, kind: 'notJira', says: /web page/, transient: true },
    { fault: { kind: 'loginPage', redirect: true }, kind: 'notJira', says: /web page/, transient: true },
    { fault: { kind: 'noSite' }, kind: 'wrongUrl', says: /no Jira/, transient: false },
    { fault: { kind: 'captcha' }, kind: 'auth', says: /CAPTCHA/, transient: false },
    { fault: { kind: 'rateLimit', retryAfter: 30 }, kind: 'rateLimited', says: /30 s/, transient: true },
    {
      fault: { kind: 'rateLimit', retryAfter: 30, html: true },
      kind: 'rateLimited',
      says: /30 s/,
      transient: true,
    },
    { fault: { kind: 'status', status: 500 }, kind: 'server', says: /HTTP 500/, transient: true },
    {
      fault: { kind: 'status', status: 503, retryAfter: 90 },
      kind: 'server',
      says: /2 min/,
      transient: true,
    },
    { fault: { kind: 'status', status: 403 }, kind: 'notJira', says: /web page/, transient: true },
    { fault: { kind: 'status', status: 407 }, kind: 'network', says: /proxy/, transient: true },
  ];
  for (const { fault, kind, says, transient } of faults)
    it(`says what is wrong: ${JSON.stringify(fault)}`, async () => {
      dataCenter.faults.add(fault, { path: /\/rest\// });
      const times = fault.kind === 'hang' ? { timeoutMs: 400 } : {};
      const error = await failure(
        signIn({ url: dataCenter.url, token: 'dana-pat' }, { ...options(), ...times }),
      );
      assert.ok(error instanceof JiraError);
      assert.equal(error.kind, kind, error.line);
      assert.match(error.line, says);
      assert.equal(error.transient, transient);
      assert.equal(needsSignIn(error), kind === 'auth');
    });

  it('is not taken in by being treated as anybody', async () => {
    for (const [jira, token] of [
      [cloud, 'dana-token'],
      [dataCenter, 'dana-pat'],
    ] as const) {
      jira.faults.add({ kind: 'anonymous' }, { path: /myself/ });
      const error = await failure(signIn({ url: jira.url, email, token }, options()));
      assert.ok(error instanceof JiraError);
      assert.equal(error.kind, 'auth');
    }
  });

  const refused: { url: string; says: RegExp }[] = [
    { url: 'http://jira.acme.example', says: /plain http/ },
    { url: 'http://127.0.0.1.evil.example', says: /plain http/ },
    { url: 'ftp://jira.acme.example', says: /https/ },
    { url: 'https://dana:secret@jira.acme.example', says: /user name or password/ },
    { url: 'not an address', says: /not an address/ },
    { url: '', says: /not an address/ },
  ];
  for (const { url, says } of refused)
    it(`refuses ${JSON.stringify(url)} without asking anybody`, () => {
      assert.throws(() => parseJiraUrl(url), { name: 'UserError', message: says });
    });

  it('takes an address without a scheme as https', () => {
    assert.equal(parseJiraUrl(' acme.atlassian.net ').href, 'https://acme.atlassian.net/');
    assert.equal(parseJiraUrl('jira.acme.example:8443/jira').href, 'https://jira.acme.example:8443/jira');
  });

  it('tells a name that nobody has, a closed port and a port without TLS apart', async () => {
    const closed = await startJira({ deployment: 'cloud' });
    const { port } = new URL(closed.url);
    await closed.close();
    const cases = [
      { url: 'https://jira.invalid', kind: 'network', says: /not found|failed/ },
      { url: `https://127.0.0.1:${port}`, kind: 'network', says: /refused the connection/ },
      { url: cloud.url.replace('http:', 'https:'), kind: 'tls', says: /does not speak https/ },
    ];
    for (const { url, kind, says } of cases) {
      const error = await failure(findSite(url, options()));
      assert.ok(error instanceof JiraError);
      assert.equal(error.kind, kind, error.line);
      assert.match(error.message, says);
    }
  });
});
