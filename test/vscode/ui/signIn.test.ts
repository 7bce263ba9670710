import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Bed } from '../../bed/bed';
import { closedPort } from '../../bed/proxy';
import { until } from '../parts/patience';
import { seedDemo } from '../../jira/seed';
import { startJira } from '../../jira/simulator';
import { useWindow } from '../useWindow';
import { makeWorld, openTasks, type World } from './world';

describe('Signing in to Jira', () => {
  const bed = new Bed();
  let world: World;
  const window = useWindow(async () => {
    world = await makeWorld(bed, { signedIn: false });
    return world.host;
  });
  after(() => bed.dispose());

  beforeEach(() => window.workbench.clearNotifications());

  /** Answers the input that is open, and waits for what it says then. */
  async function answer(text: string, said: RegExp): Promise<void> {
    const { quickInput } = window.workbench;
    await quickInput.enter(text);
    await until(
      async () => {
        const message = await quickInput.message();
        if (said.test(message)) return true;
        throw new Error(`It says: ${message}`);
      },
      { what: `${said} below the input` },
    );
  }

  it('says in the input what is wrong with an address, an account or a token', async () => {
    const { workbench } = window;
    const tree = await openTasks(window);
    await workbench.screenshot('sign in welcome');
    await tree.welcome().getByRole('button', { name: 'Sign In to Jira' }).click();
    await workbench.quickInput.asks('Address of your Jira');
    await answer('not an address', /^That is not an address of Jira\. Give it as in the browser: https:/);
    const port = await closedPort();
    await answer(`http://127.0.0.1:${port}`, new RegExp(`^127\\.0\\.0\\.1:${port} refused the connection`));
    await answer('http://jira.acme.example', /plain http, where everybody on the way can read the token/);
    const page = await bed.add(startPage());
    await answer(page.url, /answered with a web page, not as Jira\. A proxy or single sign-on/);
    await workbench.screenshot('sign in wrong address');

    await answer(world.jira.url, /^E-mail address of your Atlassian account/);
    await answer('dana', /^This is not an e-mail address\./);
    await answer('dana@acme.example', /^API token/);
    await answer('wrong-token', /token/i);
    await workbench.screenshot('sign in wrong token');
    await workbench.quickInput.enter('dana-token');
    assert.match(await workbench.notifications.read('Signed in'), /^Signed in to 127\.0\.0\.1:\d+ as Dana/);
    await tree.row('PAY-456');
    await workbench.screenshot('sign in done');
  });

  it('signs out, and leaves nothing of the account in sight', async () => {
    const { workbench } = window;
    const tree = await openTasks(window);
    await tree.row('PAY-456');
    await workbench.runCommand('Task Sessions: Sign Out of Jira');
    await tree.welcome().getByRole('button', { name: 'Sign In to Jira' }).waitFor();
    assert.equal(await tree.rows.count(), 0);
    await workbench.screenshot('sign out');
  });

  it('takes a personal access token of a Data Center under a context path', async () => {
    const { workbench } = window;
    const jira = await bed.add(startJira({ deployment: 'dataCenter', contextPath: '/jira' }));
    seedDemo(jira, { now: Date.now() });
    const tree = await openTasks(window);
    await workbench.runCommand('Task Sessions: Sign In to Jira');
    await workbench.quickInput.asks('Address of your Jira');
    await answer(jira.url, /^Personal access token/);
    await answer('wrong-pat', /token/i);
    await workbench.screenshot('sign in data center wrong token');
    await workbench.quickInput.enter('dana-pat');
    assert.match(await workbench.notifications.read('Signed in'), /as Dana Developer\.$/);
    await tree.row('PAY-456');
  });
});

/** What a proxy or single sign-on answers to everything. */
async function startPage() {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html><title>Sign in</title></html>');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    dispose: () => void server.close(),
  };
}
