import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '../../src/hosts/host';
import { SshHost } from '../../src/hosts/ssh';
import { liveness } from '../../src/model/session/liveness';
import { settingsSchema } from '../../src/model/settings';
import { findClaude } from '../../src/sources/claude/launch/findClaude';
import { ClaudeSource } from '../../src/sources/claude/hostReport';
import { silentLog } from '../../src/util/log';
import { Bed } from '../bed/bed';
import { installClaude, makeClaudeAccount, printTurn, startTui } from '../bed/claude';
import type { ClaudeAccount } from '../bed/claude';
import { startModelStub } from '../bed/modelStub';
import { startSsh } from '../bed/sshd';
import type { Ssh } from '../bed/sshd';

for (const shell of ['bash', 'fish'] as const)
  describe(`sessions over ssh, behind ${shell}`, () => {
    const bed = new Bed();
    let ssh: Ssh<'devserver'>;
    let host: SshHost;
    let account: ClaudeAccount;
    let project: string;

    before(async () => {
      const folder = await bed.folder('over');
      ssh = await bed.add(
        startSsh(folder, { devserver: shell === 'fish' ? { shell: '/usr/bin/fish' } : {} }),
      );
      const { home } = ssh.hosts.devserver;
      const stub = await bed.add(startModelStub());
      project = join(home, 'a project');
      await mkdir(project);
      account = await makeClaudeAccount({ home, stub, trusted: [project] });
      await installClaude(account, join(home, '.local/bin'));
      const settings = { ...settingsSchema.parse({}).local, ssh: 'devserver' };
      host = new SshHost({ name: 'devserver', settings, log: silentLog, configFile: ssh.configFile });
      await bed.add({ dispose: () => host.dispose() });
    });
    after(() => bed.dispose());

    it('finds claude through the login shell', async () => {
      const found = await findClaude(host);
      assert.equal(found.kind, 'found', JSON.stringify(found));
    });

    it('reads all in one round trip', async () => {
      const ids = [randomUUID(), randomUUID()];
      // After the first answer Claude writes 57 KB of other things; after later ones the answer is near the end.
      for (const sessionId of ids)
        for (const resume of [false, true])
          await printTurn(account, { sessionId, cwd: project, prompt: 'Hello', resume });
      let questions = 0;
      const counted: Host = {
        name: host.name,
        local: host.local,
        settings: host.settings,
        run: (...args) => host.run(...args),
        interactive: (argv) => host.interactive(argv),
        dispose() {},
        script: (...args) => {
          questions++;
          return host.script(...args);
        },
      };
      const source = new ClaudeSource(counted, { log: silentLog });
      await host.script(':', []); // Connects.
      const report = await source.report();
      assert.deepEqual(report.transcripts.map(({ id }) => id).sort(), ids.sort());
      assert.equal(questions, 1);

      const { counts } = ssh.hosts.devserver.proxy;
      const { roundTrips, received } = counts;
      await source.report();
      assert.equal(questions, 2);
      assert.equal(counts.roundTrips - roundTrips, 1);
      assert.ok(counts.received - received < 3000, `${counts.received - received} bytes`);
    });

    it("finds the pane of one in the account's tmux", async () => {
      const sessionId = randomUUID();
      const { tmux } = ssh.hosts.devserver;
      const terminal = await startTui(account, tmux, {
        name: 'mine',
        cwd: project,
        args: ['--session-id', sessionId],
        socket: 'default',
      });
      await terminal.reaches('idle');
      const report = await new ClaudeSource(host, { log: silentLog }).report();
      const alive = liveness({ sessionId, report, now: Date.now() });
      assert.ok(alive.kind === 'attach', JSON.stringify(alive));
      assert.equal(alive.pane.sessionName, 'mine');
    });
  });
