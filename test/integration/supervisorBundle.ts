import { resolve } from 'node:path';
import { build } from 'esbuild';

/** The supervisor as it is shipped: one file, with node-pty beside it. */
export async function buildSupervisor(outfile = resolve('dist/test/supervisor.js')): Promise<string> {
  await build({
    entryPoints: ['src/hosts/supervisor/main.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['node-pty'],
  });
  return outfile;
}
