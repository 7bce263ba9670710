import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Keeping } from '../../src/actions/session/keeping';
import { mortal } from '../../src/actions/session/resume/openings';
import type { Host } from '../../src/hosts/host';
import { SshHost } from '../../src/hosts/ssh';
import { liveness, sessionState } from '../../src/model/session/liveness';
import type { HostReport } from '../../src/model/session/transcript';
import { settingsSchema } from '../../src/model/settings';
import { ClaudeSource } from '../../src/sources/claude/hostReport';
import { launchArgv } from '../../src/sources/claude/launch/launch';
import type { Launch } from '../../src/sources/claude/launch/launch';
import { silentLog } from '../../src/util/log';
import { Bed } from '../bed/bed';
import { printTurn } from '../bed/claude';
import { startModelStub } from '../bed/modelStub';
import type { ModelStub } from '../bed/modelStub';
import { until } from '../bed/until';
import { openPty } from './pty';
import type { Pty } from './pty';
import { anotherAccount, busyboxContainer, emptyEnvironment, network, processes } from './viaPlaces';
import type { ViaPlace } from './viaPlaces';

const places: [name: string, make: (bed: Bed, stub: ModelStub) => Promise<ViaPlace>][] = [
  ['env -i', emptyEnvironment],
  // Other accounts, networks and containers are root's to make, and Linux'.
  ...(process.platform === 'linux' && process.getuid?.() === 0
    ? ([
        ['runuser -u', anotherAccount],
        ['ip netns exec', network],
        ['a container with busybox alone', busyboxContainer],
        ['a container that shares the home directory', processes],
      ] satisfies [string, unknown][])
    : []),
];

for (const [name, make] of places)
  describe(`sessions behind ${name}`, () => {
    const bed = new Bed();
    let place: ViaPlace;
    let host: SshHost;
    let source: ClaudeSource;
    let sessionId: string;

    before(async () => {
      place = await make(bed, await bed.add(startModelStub()));
      host = await bed.add(hostOf(place));
      source = new ClaudeSource(host, { log: silentLog });
      sessionId = randomUUID();
      const { project: cwd, claude } = place;
      if (place.offline) await printTurn(place.offline, { sessionId, cwd, prompt: 'Hello' });
      else {
        const argv = [claude, '-p', '--session-id', sessionId, '--', 'Hello'];
        const { code, stdout, stderr } = await host.run(argv, { cwd, timeoutMs: 60_000 });
        assert.equal(code, 0, stdout.toString() + stderr);
      }
    });
    after(() => bed.dispose());

    /** Opens a session in a terminal that nothing keeps alive, as the product would. */
    function open(on: Host, id: string, launch: Launch): Promise<Pty> {
      const argv = launchArgv(launch, { claudePath: place.claude });
      const spec = { name: 'x', directory: place.project, argv };
      const session = { id, host: on.name, hostKnown: true, kind: 'other', state: 'ended' } as const;
      const terminal = mortal('no tmux', on, spec, session);
      return bed.add(openPty(terminal.argv, { env: place.env, columns: 120, rows: 40 }));
    }

    const resume = (): Promise<Pty> => open(host, sessionId, { kind: 'resume', sessionId });
    const lives = (report: HostReport): boolean => report.live.some((one) => one.sessionId === sessionId);

    it('finds what a run has left, and can keep it', async () => {
      const report = await source.report();
      assert.deepEqual(report.problems, []);
      assert.equal(report.configDir, join(place.home, '.claude'));
      const [transcript] = report.transcripts;
      assert.deepEqual(
        [transcript?.id, transcript?.hasConversation, transcript?.directories],
        [sessionId, true, [place.project]],
      );
      const keeping = new Keeping([host]);
      const { path } = await keeping.keep({ id: sessionId, host: host.name });
      assert.deepEqual(
        (await source.report()).kept?.map((kept) => kept.path),
        [path],
      );
      assert.equal(await keeping.drop({ id: sessionId, host: host.name }), true);
    });

    it('resumes it on a terminal, sees it alive, and sees its end', async () => {
      const pty = await resume();
      const report = await until(
        async () => {
          const report = await source.report();
          return sessionState(sessionId, report).state === 'idle' ? report : undefined;
        },
        { what: 'the session is idle' },
      ).catch((error: unknown) => {
        throw new Error(pty.output, { cause: error });
      });
      const alive = liveness({ sessionId, report, now: Date.now() });
      assert.ok(alive.kind === 'elsewhere', JSON.stringify(alive));
      assert.equal(alive.process.entrypoint, 'cli');
      pty.write('/exit');
      await until(() => pty.output.includes('/exit'), { what: 'the words' });
      pty.write('\r');
      assert.equal(await pty.exited, 0);
      assert.equal(lives(await source.report()), false);
    });

    if (name.includes('shares'))
      it('is of unknown life to those who cannot see its processes, in both directions', async () => {
        const outer = await bed.add(hostOf({ ...place, via: ['env'] }));
        const outside = new ClaudeSource(outer, { log: silentLog });
        const foreign = ({ stale }: HostReport, id: string): string[] =>
          stale.filter((one) => one.sessionId === id).map(({ why }) => why);

        const inner = await resume();
        await until(async () => lives(await source.report()), { what: 'the session' });
        const seenOutside = await outside.report();
        assert.deepEqual([seenOutside.live, foreign(seenOutside, sessionId)], [[], ['otherDomain']]);
        assert.equal(liveness({ sessionId, report: seenOutside, now: Date.now() }).kind, 'unknown');

        const newId = randomUUID();
        const pty = await open(outer, newId, { kind: 'new', newId });
        const seenInside = await until(
          async () => {
            const report = await source.report();
            return foreign(report, newId).length > 0 ? report : undefined;
          },
          { what: 'the session outside' },
        );
        assert.deepEqual(foreign(seenInside, newId), ['otherDomain']);
        assert.equal(liveness({ sessionId: newId, report: seenInside, now: Date.now() }).kind, 'unknown');
        assert.equal(lives(seenInside), true);
        for (const one of [inner, pty]) one.kill('SIGKILL');
      });
  });

function hostOf({ via, env }: Pick<ViaPlace, 'via' | 'env'>): SshHost {
  return new SshHost({
    name: 'behind',
    settings: { ...settingsSchema.parse({}).local, via },
    log: silentLog,
    env,
  });
}
