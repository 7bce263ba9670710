import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { changesIn } from '../../../src/actions/setUp/difference';
import { installSkill, isCurrent, lookAtSkill, removeSkill } from '../../../src/actions/setUp/skill';
import { SshHost } from '../../../src/hosts/ssh';
import { settingsSchema } from '../../../src/model/settings';
import { ClaudeSource } from '../../../src/sources/claude/hostReport';
import { silentLog } from '../../../src/util/log';
import { requestsFolder } from '../../../src/model/gate/request/request';
import { Bed } from '../../bed/bed';
import { output } from '../../bed/command';
import { startSsh } from '../../bed/sshd';
import { loggingHost } from '../../unit/claude/loggingHost';
import { hostShells } from '../hostShells';

const source = resolve(__dirname, '../../../media/skill/request-approval');

describe('The skill on a host', () => {
  const bed = new Bed();
  after(() => bed.dispose());

  for (const { name, shell, tools } of hostShells.slice(0, 3))
    it(`is installed, kept current and removed in ${name}, and nobody's file is lost`, async () => {
      const root = await bed.folder('skill');
      const home = join(root, "it's [home] $HOME");
      await mkdir(home);
      const path = process.env['PATH'];
      const PATH = tools ? `${await tools(join(root, 'tools'))}:${path}` : path;
      const host = loggingHost({ PATH, HOME: home }, [], shell);
      const look = () => lookAtSkill(host, source);
      const states = async () => (await look()).files.map(({ state }) => state);
      const folder = join(home, '.claude/skills/request-approval');
      const file = (called: string) => join(folder, called);

      const plan = await look();
      assert.equal(plan.folder, folder);
      assert.deepEqual(await states(), ['absent', 'absent']);
      assert.deepEqual(await readdir(home), [], 'looking writes nothing');
      await installSkill(host, plan);
      assert.ok(isCurrent(await look()));
      assert.deepEqual((await readdir(folder)).sort(), ['SKILL.md', 'request.sh']);
      assert.equal((await stat(file('request.sh'))).mode & 0o777, 0o755);
      assert.equal((await stat(join(home, requestsFolder))).mode & 0o777, 0o700);
      assert.deepEqual(await installSkill(host, await look()), []);
      await output([file('request.sh'), '--note', 'x'], { cwd: home, env: { PATH, HOME: home } });
      assert.equal((await readdir(join(home, requestsFolder))).length, 1, 'what was installed works');

      const other = join(root, 'other');
      await mkdir(other);
      for (const called of ['SKILL.md', 'request.sh'])
        await writeFile(
          join(other, called),
          `${await readFile(join(source, called), 'utf8')}# of another version\n`,
        );
      const older = await lookAtSkill(host, other);
      assert.deepEqual(
        older.files.map(({ state }) => state),
        ['older', 'older'],
      );
      assert.deepEqual(changesIn(older.files[1]!.before!, older.files[1]!.after, 0).length, 4);
      await installSkill(host, older);
      assert.deepEqual(await states(), ['older', 'older']);
      await installSkill(host, await look());

      await writeFile(
        file('SKILL.md'),
        (await readFile(file('SKILL.md'), 'utf8')).replace('Only a person', 'Anybody'),
      );
      await rm(file('request.sh'));
      await writeFile(join(root, 'mine.sh'), 'mine');
      await symlink(join(root, 'mine.sh'), file('request.sh'));
      const others = await look();
      assert.deepEqual(
        others.files.map(({ state }) => state),
        ['changed', 'foreign'],
      );
      assert.deepEqual(await installSkill(host, others), [], 'not without being told');
      assert.deepEqual(await removeSkill(host, others), []);
      assert.deepEqual(await states(), ['changed', 'foreign']);
      await writeFile(file('SKILL.md'), 'just written');
      await assert.rejects(installSkill(host, others, { theirs: true }), /changed meanwhile/);
      assert.equal(await readFile(file('SKILL.md'), 'utf8'), 'just written');
      await installSkill(host, await look(), { theirs: true });
      assert.ok(isCurrent(await look()));
      assert.equal(await readFile(join(root, 'mine.sh'), 'utf8'), 'mine', 'the link went, not what it names');

      await writeFile(file('notes.txt'), 'mine');
      await removeSkill(host, await look());
      assert.deepEqual(await readdir(folder), ['notes.txt']);
      await rm(file('notes.txt'));
      await installSkill(host, await look());
      await removeSkill(host, await look());
      assert.deepEqual(await readdir(join(home, '.claude/skills')), []);
    });

  it('goes over ssh to the directory of Claude that is configured, and what is asked there comes back', async () => {
    const ssh = await bed.add(startSsh(await bed.folder('over'), { devserver: {} }));
    const { home } = ssh.hosts.devserver;
    const settings = { ...settingsSchema.parse({}).local, ssh: 'devserver', configDir: '~/its claude' };
    const host = new SshHost({ name: 'devserver', settings, log: silentLog, configFile: ssh.configFile });
    await bed.add({ dispose: () => host.dispose() });
    await installSkill(host, await lookAtSkill(host, source));
    const script = join(home, 'its claude/skills/request-approval/request.sh');
    const { code, stderr } = await host.run([script, '--note', 'from afar'], { cwd: home });
    assert.equal(code, 0, stderr);
    const { requests = [] } = await new ClaudeSource(host, { log: silentLog }).report();
    assert.deepEqual(
      requests.map(({ note }) => note),
      ['from afar'],
    );
  });

  it('is refused with words where it cannot be written', async () => {
    const home = await bed.folder('skill');
    await writeFile(join(home, '.claude'), 'a file');
    const host = loggingHost({ PATH: process.env['PATH'], HOME: home }, []);
    await assert.rejects(
      installSkill(host, await lookAtSkill(host, source)),
      /could not be changed\. Make room|could not be changed/,
    );
  });
});
