import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openBranch } from '../../../src/runs/branch';
import { launchRunner } from '../../../src/runs/launch';
import { stopRunner } from '../../../src/runs/stop';
import type { Host } from '../../../src/hosts/host';
import { readRun } from '../../../src/sources/runFiles/readRun';
import { Bed } from '../../bed/bed';
import { until } from '../../bed/until';
import { makeRunBed, type PlacedRun, type RunBed } from './runBed';

describe('a run on difficult ground', () => {
  const bed = new Bed();
  let parts: RunBed;

  before(async () => {
    parts = await makeRunBed(bed);
  });
  afterEach(() => {
    for (const knob of Object.keys(parts.knobs)) delete parts.knobs[knob as keyof typeof parts.knobs];
  });
  after(() => bed.dispose());

  const launch = (run: PlacedRun): Promise<unknown> => launchRunner(parts.host, parts.terminals, run.order);

  it('works behind a linked home, in folders of any name', async () => {
    const odd = await makeRunBed(bed, 'odd');
    const run = await odd.place({ docs: `docs/Über "uns" & it's $HOME/#1` });
    await launchRunner(odd.host, odd.terminals, run.order);
    await run.ends('complete');
    assert.equal((await run.pushed()).paths.length, 5);
    assert.equal((await run.story()).filter((line) => line === 'documents missing').length, 0);
  });

  it('pushes its branch, and no tag, submodule or signature, whatever the settings say', async () => {
    const { git, origin } = parts.repository;
    const run = await parts.place({ critic: false });
    await git(['tag', '-a', 'v1', '-m', 'not yours', run.order.base.commit]);
    for (const [name, value] of Object.entries({
      'push.followTags': 'true',
      'push.gpgSign': 'true',
      'submodule.recurse': 'true',
      'commit.gpgSign': 'true',
      'core.safecrlf': 'true',
    }))
      await git(['config', name, value]);
    await launch(run);
    await run.ends('complete');
    assert.equal((await run.pushed()).commits, 1);
    assert.equal(await git(['tag', '--list'], origin), '');
    for (const name of ['push.followTags', 'push.gpgSign', 'submodule.recurse', 'commit.gpgSign'])
      await git(['config', '--unset', name]);
  });

  it('commits documents outside a sparse checkout, and loses nothing else', async () => {
    const { git } = parts.repository;
    const first = await parts.place({ critic: false });
    await launch(first);
    await first.ends('complete');
    const { directory, branch } = first.order;
    await git(['sparse-checkout', 'set', '--cone', '--sparse-index', 'nowhere'], directory);
    const run = await parts.place({ critic: false, beside: first.order, docs: first.order.docs.directory });
    const names = run.order.docs.names;
    await mkdir(join(directory, run.order.docs.directory), { recursive: true });
    for (const name of names)
      await writeFile(join(directory, run.order.docs.directory, name), `# ${name} again\n`);
    parts.knobs.refuses = names;
    await launch(run);
    await run.ends('complete');
    const { paths, commits } = await run.pushed();
    assert.deepEqual([paths.length, commits], [5, 2]);
    assert.equal(
      await git(['show', `${branch}:${run.order.docs.directory}/${names[0]}`]),
      `# ${names[0]} again`,
    );
    assert.equal(await git(['show', `${branch}:src/code.txt`]), 'a needle');
  });

  it('asks again for documents that went before they were committed', async () => {
    const { git } = parts.repository;
    const run = await parts.place();
    const { directory, docs, branch } = run.order;
    await git(['switch', '--quiet', '--detach'], directory);
    await launch(run);
    await run.ends('failed');
    await git(['switch', '--quiet', branch], directory);
    await rm(join(directory, docs.directory), { recursive: true });
    await launch(run);
    await run.ends('complete');
    assert.equal((await run.pushed()).paths.length, 5);
  });

  it('lets two runs that share a worktree work one after the other', async () => {
    parts.knobs.hang = true;
    const first = await parts.place({ critic: false });
    const second = await parts.place({ critic: false, beside: first.order });
    await launch(first);
    await first.says('analysis started');
    await launch(second);
    await second.says('wait started');
    await assert.rejects(second.says('wait done', 1000), /did not say/);
    assert.equal(await stopRunner(parts.host, first.order.id), 'stopped');
    await second.says('analysis started');
    assert.equal(await stopRunner(parts.host, second.order.id), 'stopped');
  });

  it('ends a Claude that writes nothing any more, and goes on when it is asked to', async () => {
    parts.knobs.hang = true;
    const run = await parts.place({ critic: false });
    const script = await readFile(join(run.folder, 'run.sh'), 'utf8');
    assert.match(script, /^silence='?3600'?$/m);
    await writeFile(join(run.folder, 'run.sh'), script.replace(/^silence=.*$/m, 'silence=4'));
    await launch(run);
    await run.ends('failed');
    const { step, reason } = (await run.lines()).at(-2)!;
    assert.deepEqual([step, reason], ['analysis', 'silent']);
    // A Claude that starts on a busy machine is silent for longer.
    await writeFile(join(run.folder, 'run.sh'), script);
    delete parts.knobs.hang;
    await launch(run);
    await run.ends('complete');
  });

  it('fails, and does not begin again and again, where Claude cannot be noted', async () => {
    const run = await parts.place({ critic: false });
    const file = join(run.folder, 'run.sh');
    const script = await readFile(file, 'utf8');
    // As on a disk that has no room for another file.
    await writeFile(file, script.replace(/take \.claude "[^"]*"/, '(exit 2)'));
    await launch(run);
    await run.ends('failed');
    assert.equal((await run.lines()).at(-2)?.reason, 'disk');
    await writeFile(file, script);
    await launch(run);
    await run.ends('complete');
  });

  it('goes on at once, though the runner that failed has not quite gone', async () => {
    parts.knobs.error = 'creditTooLow';
    const run = await parts.place({ critic: false });
    const file = join(run.folder, 'run.sh');
    const script = await readFile(file, 'utf8');
    await writeFile(file, script.replace('rm -f claude\n  exit 1', 'rm -f claude\n  sleep 2\n  exit 1'));
    await launch(run);
    await run.ends('failed');
    delete parts.knobs.error;
    assert.deepEqual(await launch(run), { kind: 'started' });
    await run.ends('complete');
  });

  it('names the folder where it cannot make its worktree', async () => {
    const { order } = await parts.place({ critic: false });
    const file = join(parts.account.home, 'file');
    await writeFile(file, '');
    const directory = join(file, 'trees/PAY-0');
    await assert.rejects(
      openBranch(parts.host, { ...order, directory, branch: 'task/PAY-0-analysis' }),
      /cannot be made in .*\/trees\/PAY-0 on here: .*ot a directory/,
    );
  });

  it('works, is found and is stopped where only ps tells of processes, and nothing is called timeout', async () => {
    const hidden = (text: string): string =>
      text.replaceAll(/\/proc\b/g, '/nowhere').replaceAll('timeout 1 true', 'false');
    const host: Host = Object.assign(Object.create(parts.host) as Host, {
      script: ((body, ...rest) => parts.host.script(hidden(body), ...rest)) satisfies Host['script'],
    });
    parts.knobs.hang = true;
    const run = await parts.place({ critic: false });
    const file = join(run.folder, 'run.sh');
    await writeFile(file, hidden(await readFile(file, 'utf8')));
    assert.deepEqual(await launchRunner(host, undefined, run.order), { kind: 'started' });
    await run.says('analysis started');
    await until(async () => (await readRun(host, run.order.id))?.claudeAlive, { what: 'Claude is noted' });
    assert.equal((await readRun(host, run.order.id))?.alive, true);
    assert.deepEqual(await launchRunner(host, undefined, run.order), { kind: 'running' });
    assert.equal(await stopRunner(host, run.order.id), 'stopped');
    const { alive, claudeAlive } = (await readRun(host, run.order.id))!;
    assert.deepEqual([alive, claudeAlive], [false, false]);
    delete parts.knobs.hang;
    assert.deepEqual(await launchRunner(host, undefined, run.order), { kind: 'started' });
    await run.ends('complete');
    assert.equal((await run.pushed()).commits, 1);
  });

  it('stops while it pushes, and pushes when it goes on', async () => {
    const hook = join(parts.repository.origin, 'hooks/pre-receive');
    const pushing = join(parts.account.home, 'pushing');
    await writeFile(hook, `#!/bin/sh\ntouch '${pushing}'\nsleep 30\n`);
    await chmod(hook, 0o755);
    const run = await parts.place({ critic: false });
    await launch(run);
    await until(() => readFile(pushing).then(() => true), { what: 'it pushes' });
    assert.equal(await stopRunner(parts.host, run.order.id), 'stopped');
    await rm(hook);
    assert.equal((await run.story()).at(-1), 'run stopped');
    await launch(run);
    await run.ends('complete');
    assert.deepEqual((await run.pushed()).commits, 1);
    assert.equal((await run.story()).filter((line) => line === 'commit done').length, 1);
  });
});
