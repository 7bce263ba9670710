import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../../src/hosts/host';
import { LocalHost } from '../../src/hosts/local';
import type { Place } from '../../src/model/task/repository';
import { settingsSchema } from '../../src/model/settings';
import { silentLog } from '../../src/util/log';
import type { Bed } from '../bed/bed';
import { findProgram } from '../bed/prepare';
import { gitEnvironment } from '../bed/git';

export const defaults = settingsSchema.parse({});

/** This machine as a host that knows nobody's git configuration, and counts what it is asked to do. */
export interface CountingHost extends Host {
  /** Calls of `script`: round trips on an SSH host. */
  trips: number;
  /** Git processes started since the last call. */
  processes(): Promise<number>;
}

/** `more` goes over the environment: an account's own configuration, say. */
export async function localHost(bed: Bed, home: string, more: NodeJS.ProcessEnv = {}): Promise<CountingHost> {
  const bin = join(home, 'bin');
  const log = join(home, 'git.log');
  await mkdir(bin, { recursive: true });
  await writeFile(join(bin, 'git'), `#!/bin/sh\necho "$*" >>'${log}'\nexec '${findProgram('git')}' "$@"\n`);
  await chmod(join(bin, 'git'), 0o755);
  const env = { ...gitEnvironment(home), PATH: `${bin}:${process.env['PATH']}`, ...more };
  const host = await bed.add(new LocalHost({ name: 'local', settings: defaults.local, log: silentLog, env }));
  const counting: CountingHost = {
    name: host.name,
    local: true,
    settings: host.settings,
    trips: 0,
    async processes() {
      const lines = existsSync(log) ? (await readFile(log, 'utf8')).split('\n') : [];
      await rm(log, { force: true });
      return lines.filter(Boolean).length;
    },
    run: (argv, options) => host.run(argv, options),
    script(body, args, options) {
      counting.trips++;
      return host.script(body, args, options);
    },
    interactive: (argv) => host.interactive(argv),
    dispose: () => host.dispose(),
  };
  return counting;
}

export const placeOf = (directory: string): Place => ({ name: 'platform', host: 'local', directory });

/** The five documents of a task, each with a text of its own. */
export const allDocs = (key: string): Record<string, string> =>
  Object.fromEntries(defaults.docs.names.map((name) => [name, `# ${key} ${name}\n`]));
