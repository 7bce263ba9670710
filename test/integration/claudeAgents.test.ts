import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hostChecks } from '../../src/actions/doctor/hosts';
import type { Check } from '../../src/actions/doctor/check';
import { TerminalActions } from '../../src/actions/terminals';
import { LocalHost } from '../../src/hosts/local';
import { keepAlive } from '../../src/hosts/terminals/keepAlive';
import type { HostReport } from '../../src/model/session/transcript';
import { settingsSchema } from '../../src/model/settings';
import { ClaudeSource } from '../../src/sources/claude/hostReport';
import { silentLog } from '../../src/util/log';
import { Bed } from '../bed/bed';
import { installClaude, makeClaudeAccount, startTui, type ClaudeAccount } from '../bed/claude';
import { startModelStub } from '../bed/modelStub';
import { makeTmux } from '../bed/tmux';

describe('doctor beside Claude’s own list of what is alive', () => {
  const bed = new Bed();
  const id = randomUUID();
  let account: ClaudeAccount;
  let host: LocalHost;
  let report: HostReport;

  before(async () => {
    const folder = await bed.folder('agents');
    const project = join(folder, 'project');
    await mkdir(project);
    const stub = await bed.add(startModelStub());
    account = await makeClaudeAccount({ home: join(folder, 'home'), stub, trusted: [project] });
    const tmux = await bed.add(makeTmux(join(folder, 't'), account.env));
    const claudePath = await installClaude(account, join(folder, 'bin'));
    host = new LocalHost({
      name: 'laptop',
      settings: { ...settingsSchema.parse({}).local, claudePath },
      log: silentLog,
      env: { ...account.env, TMUX_TMPDIR: tmux.folder },
    });
    await bed.add({ dispose: () => host.dispose() });
    const args = ['--session-id', id];
    const terminal = await startTui(account, tmux, { name: 'one', cwd: project, args, socket: 'users-own' });
    await terminal.reaches('idle');
    report = await new ClaudeSource(host, { log: silentLog }).report();
  });
  after(() => bed.dispose());

  async function claudeCheck(report: HostReport): Promise<Check | undefined> {
    const terminals = new TerminalActions(
      [host],
      keepAlive({ mode: 'none', supervisor: '', env: account.env }),
    );
    const checks = await hostChecks(host, { name: 'laptop', local: true }, report, terminals);
    return checks.find(({ check }) => check === 'claude on laptop');
  }

  it('finds that the two agree', async () => {
    const check = await claudeCheck(report);
    assert.match(check?.detail ?? '', /names 1, all of them known here$/);
    assert.equal(check?.ok, true);
  });

  it('says which session the live registry does not show', async () => {
    const check = await claudeCheck({ ...report, live: [] });
    assert.equal(
      check?.detail,
      `claude agents lists 1 session that the live registry does not show: ${id.slice(0, 8)}`,
    );
    assert.equal(check?.ok, false);
  });
});
