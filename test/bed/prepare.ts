import { join } from 'node:path';
import { installPackages } from './install/apt';
import type { AptPackage } from './install/apt';
import { installHeavy, isInstalled, packageFolder } from './install/npm';
import type { HeavyPackage } from './install/npm';

export { findProgram } from './install/apt';

const claude: HeavyPackage = { name: '@anthropic-ai/claude-code', version: '2.1.329' };
/** The vendor's SDK, whose listing of sessions ours is compared with. */
const agentSdk: HeavyPackage = {
  name: '@anthropic-ai/claude-agent-sdk',
  version: '0.3.329',
  withoutOptional: true,
};
const codeServer: HeavyPackage = { name: 'code-server', version: '4.139.1' };

/** What code-server's native modules are built with. */
const builders: AptPackage[] = ['python3', 'make', 'g++', 'pkg-config', 'libkrb5-dev'];

export interface Wanted {
  /** Debian packages. */
  apt?: readonly AptPackage[];
  claude?: boolean;
  agentSdk?: boolean;
  codeServer?: boolean;
}

/** Everything that the integration tests stand on. */
export const integrationNeeds: Wanted = {
  apt: ['tmux', 'openssh-server', 'openssh-client', 'git', 'busybox', 'iproute2', 'fish', 'zsh', 'tcsh'],
  claude: true,
  agentSdk: true,
};

/** Everything that the tests in a real VS Code stand on, in a browser. */
export const vscodeNeeds: Wanted = { apt: ['chromium', 'git', 'tmux'], codeServer: true, claude: true };

/**
 * Makes sure that what is wanted is there: installs it where it can (root on Debian; npm packages into the XDG cache),
 * else throws an error that names what is missing and the command to run. Progress goes to stderr.
 */
export async function prepare(wanted: Wanted, signal?: AbortSignal): Promise<void> {
  const progress = { say: (line: string): void => void process.stderr.write(`prepare: ${line}\n`), signal };
  const apt = new Set(wanted.apt);
  if (wanted.codeServer && !isInstalled(codeServer)) for (const name of builders) apt.add(name);
  await installPackages([...apt], progress);
  if (wanted.codeServer) await installHeavy(codeServer, progress);
  if (wanted.claude) await installHeavy(claude, progress);
  if (wanted.agentSdk) await installHeavy(agentSdk, progress);
}

/** The real `claude`, once prepared. */
export function claudeBinary(): string {
  return join(packageFolder(claude), '../../.bin/claude');
}

/** The module of the vendor's SDK, once prepared: `await import(pathToFileURL(agentSdkModule()).href)`. */
export function agentSdkModule(): string {
  return join(packageFolder(agentSdk), 'sdk.mjs');
}

/** The vendor's SDK as tables name it. */
export const agentSdkName = `${agentSdk.name} ${agentSdk.version}`;

/** The folder of the package code-server, once prepared; VS Code's server lies in `lib/vscode`. */
export function codeServerFolder(): string {
  return packageFolder(codeServer);
}
