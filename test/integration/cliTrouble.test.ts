import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Bed } from '../bed/bed';
import type { CommandResult } from '../bed/command';
import { closedPort } from '../bed/proxy';
import type { Fault } from '../jira/faults';
import { makeWorld } from './cliBed';
import type { World } from './cliBed';

const page =
  'HOST answered with a web page, not as Jira. A proxy or single sign-on stands in between: open the address in a browser, sign in to the network or VPN, then try again.';

const refused =
  'HOST refused the token. It is wrong, expired or revoked (or the e-mail is not its owner’s): create a new one and sign in again.';

/** What the user reads when Jira does not do its part, word for word. */
const troubles: [name: string, fault: Fault, says: string][] = [
  ['the page of a proxy', { kind: 'loginPage' }, page],
  ['a redirect to a sign-in page', { kind: 'loginPage', redirect: true }, page],
  ['429', { kind: 'rateLimit', retryAfter: 120 }, 'HOST asks for fewer requests. Next try in 2 min.'],
  [
    '429 that does not say when',
    { kind: 'rateLimit', retryAfter: null, html: true },
    'HOST asks for fewer requests. Next try in a little while.',
  ],
  [
    'a 503',
    { kind: 'status', status: 503 },
    'HOST has trouble (HTTP 503). Nothing is lost; next try in a little while.',
  ],
  [
    'a connection that drops',
    { kind: 'reset' },
    'The connection to HOST failed (ECONNRESET). Check the network and the VPN, then try again.',
  ],
  [
    'no Jira at that address',
    { kind: 'noSite' },
    'There is no Jira at this address (HOST): it answers 404. Check jira.url: it is the address in the browser up to, and with, a context path such as /jira.',
  ],
  [
    'a token without the scope',
    { kind: 'scope' },
    'The API token for HOST lacks a scope that this needs: “Unauthorized; scope does not match”. Create a token with the scopes read:jira-work, write:jira-work and read:jira-user (or one without scopes), and sign in again.',
  ],
  [
    'a CAPTCHA',
    { kind: 'captcha' },
    'HOST asks for a CAPTCHA after failed logins. Log in once in the browser, then sign in again.',
  ],
];

describe('command line: Jira in trouble', () => {
  const bed = new Bed();
  let world: World;
  let hanging: { world: World; answer: Promise<CommandResult> };
  let runs = 0;

  before(async () => {
    world = await makeWorld(bed, { issues: ['PAY-1'] });
    const other = await makeWorld(bed, { issues: ['PAY-1'] });
    other.jira.faults.add({ kind: 'hang' });
    hanging = { world: other, answer: other.cli(['tasks']) };
    hanging.answer.catch(() => undefined);
  });
  after(() => bed.dispose());

  const wording = (text: string, { jira } = world): string =>
    text.trimEnd().replaceAll(new URL(jira.url).host, 'HOST');

  /** Nothing is known from before. */
  async function cold(env: NodeJS.ProcessEnv = {}): Promise<string> {
    const state = join(world.home, `state${++runs}`);
    const { code, stdout, stderr } = await world.cli(['tasks'], { env: { XDG_STATE_HOME: state, ...env } });
    assert.deepEqual({ code, stdout, lines: stderr.split('\n').length }, { code: 1, stdout: '', lines: 2 });
    return wording(stderr);
  }

  for (const [name, fault, says] of troubles)
    it(`says so: ${name}`, async () => {
      const clear = world.jira.faults.add(fault);
      try {
        assert.equal(await cold(), says);
      } finally {
        clear();
      }
    });

  it('says so: a token that Jira refuses', async () => {
    const gateway = { TASK_SESSIONS_GATEWAY_URL: new URL(world.jira.gatewayUrl).origin };
    // The gateway, where scoped tokens work, refuses it too, or cannot be reached: the site's own answer counts.
    for (const env of [gateway, { TASK_SESSIONS_GATEWAY_URL: `http://127.0.0.1:${await closedPort()}` }]) {
      assert.equal(await cold({ ...env, TASK_SESSIONS_JIRA_TOKEN: 'wrong' }), refused);
      assert.equal(await cold({ ...env, TASK_SESSIONS_JIRA_EMAIL: 'eve@acme.example' }), refused);
    }
    const clear = world.jira.faults.add({ kind: 'anonymous' });
    try {
      assert.equal(await cold(gateway), refused);
    } finally {
      clear();
    }
    assert.equal(
      await cold({ TASK_SESSIONS_JIRA_EMAIL: undefined }),
      'HOST is Jira Cloud, where an API token goes with the e-mail of its account. Give the e-mail too (jira.email, or TASK_SESSIONS_JIRA_EMAIL).',
    );
  });

  it('says so: an address where nobody is, or that is none', async () => {
    const port = await closedPort();
    try {
      for (const [url, says] of [
        [
          `http://127.0.0.1:${port}`,
          `127.0.0.1:${port} refused the connection. Check the port in jira.url, and whether Jira is running there.`,
        ],
        [
          'https://nowhere.invalid',
          'The name nowhere.invalid was not found. Check the network, the VPN, and the spelling of jira.url.',
        ],
        [
          'not an address',
          'That is not an address of Jira. Give it as in the browser: https://jira.example.com',
        ],
      ] as const) {
        await world.configure({ jira: { url } });
        assert.equal(await cold(), says);
      }
    } finally {
      await world.configure();
    }
  });

  it('says so: JQL that Jira does not understand', async () => {
    await world.configure({ jira: { url: world.jira.url, jql: 'projekt = 5 AND' } });
    try {
      assert.match(
        await cold(),
        /^Jira refused the request \(HTTP 400\): “Error in JQL Query: .*”\. Correct what it names; in a search, that is jira\.jql\.$/,
      );
    } finally {
      await world.configure();
    }
  });

  it('shows what Jira said last, and how old it is', async () => {
    const { stdout } = await world.cli(['tasks']);
    const clear = world.jira.faults.add({ kind: 'status', status: 503 });
    try {
      const shown = await world.cli(['tasks']);
      assert.deepEqual({ code: shown.code, stdout: shown.stdout }, { code: 0, stdout });
      assert.equal(
        wording(shown.stderr),
        'Jira: HOST has trouble (HTTP 503). Nothing is lost; next try in a little while. Shown is what it said just now.',
      );
      assert.equal((await world.json<{ tasks: unknown[] }>(['tasks'])).tasks.length, 1);
    } finally {
      clear();
    }
  });

  it('gives up on a server that hangs', async () => {
    const { code, stderr } = await hanging.answer;
    assert.deepEqual(
      { code, says: wording(stderr, hanging.world) },
      { code: 1, says: 'HOST did not answer within 20 s. Check the network and the VPN, then try again.' },
    );
    assert.equal(hanging.world.jira.requests.length, 1);
  });

  describe('doctor', () => {
    it('says what works', async () => {
      const { checks } = await world.json<{ checks: Record<string, unknown>[] }>(['doctor']);
      assert.deepEqual(
        checks.map(({ check, ok }) => [check, ok]),
        [
          ['jira', true],
          ['tasks', true],
          ['repository of PAY', true],
          ['git on laptop', true],
          ['laptop', true],
          ['live sessions on laptop', true],
          ['traces on laptop', true],
          ['claude on laptop', false],
          ['terminals on laptop', true],
          ['skill on laptop', true],
          ['ledger', true],
          ['links', true],
        ],
      );
      const claude = checks.find(({ check }) => check === 'claude on laptop');
      assert.match(String(claude?.['fix']), /^Install Claude Code on laptop/);
    });

    it('looks at repository and git also without Jira', async () => {
      const line = /^ok {2}repository of PAY: .* on laptop\nok {2}git on laptop: \d+\.\d+/m;
      world.jira.faults.add({ kind: 'reset' });
      const down = await world.cli(['doctor']);
      world.jira.faults.clear();
      assert.match(down.stdout, /^-- {2}jira: The connection/);
      assert.match(down.stdout, line);
      // Neither Jira nor a project is configured: the one that is open.
      await world.configure({ jira: {}, local: { name: 'laptop' }, repositories: {} });
      try {
        const { stdout } = await world.cli(['doctor'], { cwd: world.repository.clone });
        assert.match(stdout, /^-- {2}jira: no address configured/);
        assert.match(stdout, new RegExp(line.source.replace(' of PAY', ''), 'm'));
        assert.match((await world.cli(['doctor'])).stdout, /^-- {2}repository: none is known\n {6}Open /m);
      } finally {
        await world.configure();
      }
    });

    it('says what does not, and what to do', async () => {
      await world.configure({
        repositories: { platform: { projects: ['PAY'], directory: join(world.home, 'nowhere') } },
        local: { name: 'laptop' },
        hosts: { gone: { ssh: 'nowhere.invalid' } },
      });
      try {
        const { code, stdout } = await world.cli(['doctor']);
        assert.equal(code, 1);
        for (const line of [
          'ok  jira: http',
          `--  repository of PAY: There is no directory ${join(world.home, 'nowhere')} on laptop.`,
          '--  gone: The address of gone is not known.\n      Check the name that "ssh nowhere.invalid" uses',
        ])
          assert.ok(stdout.includes(line), `${line}\n---\n${stdout}`);
        const signedOut = await world.cli(['doctor'], { env: { TASK_SESSIONS_JIRA_TOKEN: undefined } });
        assert.match(
          signedOut.stdout,
          /^-- {2}jira: no token for .*\n {6}Sign in, or set TASK_SESSIONS_JIRA_TOKEN\.\n-- {2}repository of PAY: There is no directory /,
        );
      } finally {
        await world.configure();
      }
    });
  });
});
