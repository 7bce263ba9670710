// Two bundles from one core. The command line does not mark `vscode` external: an import of it from the core fails the build.
import { existsSync, readFileSync } from 'node:fs';
import { chmod, cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as esbuild from 'esbuild';

const watch = process.argv.includes('--watch');
const production = process.argv.includes('--production');
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

/** zod carries its messages in fifty languages (about 260 KB); ours are English. @type {esbuild.Plugin} */
const englishOnly = {
  name: 'english-only',
  setup(build) {
    build.onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.c?js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
      resolveDir: join(import.meta.dirname, 'node_modules/zod/v4/locales'),
    }));
  },
};

/** @type {esbuild.BuildOptions} */
const shared = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  sourcemap: production ? false : 'linked',
  minify: production,
  keepNames: true,
  logLevel: 'warning',
  plugins: [englishOnly],
  define: { __VERSION__: JSON.stringify(version) },
  // node-pty is native and optional: it is looked up at run time, beside the bundle.
  external: ['node-pty'],
};

const builds = [
  {
    ...shared,
    entryPoints: ['src/extension.ts'],
    outfile: 'dist/extension.js',
    external: ['node-pty', 'vscode'],
  },
  { ...shared, entryPoints: ['src/cli.ts'], outfile: 'dist/cli.js', banner: { js: '#!/usr/bin/env node' } },
  { ...shared, entryPoints: ['src/hosts/supervisor/main.ts'], outfile: 'dist/supervisor.js' },
];
if (!production)
  builds.push({
    ...shared,
    entryPoints: ['test/vscode/suite/index.ts'],
    outfile: 'dist/test/index.js',
    external: ['node-pty', 'vscode', 'mocha'],
  });

/** node-pty as far as it is needed at run time, beside the bundle: a package built without it tells why when asked. */
async function shipNodePty() {
  const from = join(import.meta.dirname, 'node_modules/node-pty');
  const to = join(import.meta.dirname, 'dist/node_modules/node-pty');
  await rm(join(import.meta.dirname, 'dist/node_modules'), { recursive: true, force: true });
  if (!existsSync(from)) return console.warn('node-pty is not installed: this build has no supervisor.');
  const useless = /\.(pdb|map|test\.js|d\.ts)$/;
  for (const part of ['package.json', 'LICENSE', 'lib', 'build/Release', 'prebuilds'])
    if (existsSync(join(from, part)))
      await cp(join(from, part), join(to, part), { recursive: true, filter: (path) => !useless.test(path) });
}

if (watch) {
  for (const options of builds) await (await esbuild.context({ ...options, logLevel: 'info' })).watch();
} else {
  await Promise.all(builds.map((options) => esbuild.build(options)));
  await chmod('dist/cli.js', 0o755);
  if (production) await shipNodePty();
}
