import { spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { parse } from 'node:path';
import { endGroup } from '../../hosts/channel/processGroup';
import type { Log } from '../../util/log';
import type { Credential } from './connection';

export interface GitCredentialOptions {
  log: Log;
  env?: NodeJS.ProcessEnv;
  /** ms; helpers are quick, or wait for a person. */
  timeoutMs?: number;
}

/** Git's credential helper, which people on servers have set up already: `git credential fill | approve | reject`. */
export class GitCredentials {
  constructor(private readonly options: GitCredentialOptions) {}

  /** The token that git knows for an origin, or undefined; never asks a person. */
  async fill(origin: string, username?: string, signal?: AbortSignal): Promise<Credential | undefined> {
    const output = await this.run('fill', describe(origin, username ? { username } : {}), signal);
    const fields = parseFields(output ?? '');
    const token = fields.get('password');
    if (!token) return undefined;
    const email = fields.get('username');
    return { token, ...(email?.includes('@') ? { email } : {}) };
  }

  async approve(origin: string, credential: Credential): Promise<void> {
    await this.run('approve', describe(origin, fieldsOf(credential)));
  }

  async reject(origin: string, credential: Credential): Promise<void> {
    await this.run('reject', describe(origin, fieldsOf(credential)));
  }

  private async run(
    verb: string,
    input: string | undefined,
    signal?: AbortSignal,
  ): Promise<string | undefined> {
    if (input === undefined) return undefined;
    const { env = process.env, timeoutMs = 5000, log } = this.options;
    const {
      TASK_SESSIONS_JIRA_TOKEN: _token,
      SSH_ASKPASS: _askpass,
      GIT_DIR: _dir,
      GIT_WORK_TREE: _tree,
      GIT_CONFIG_PARAMETERS: _parameters,
      ...inherited
    } = env;
    return new Promise((resolve) => {
      const child = spawn('git', ['credential', verb], {
        // Outside of every repository: one could name a credential helper of its own.
        cwd: parse(homedir()).root,
        env: {
          ...inherited,
          GIT_CEILING_DIRECTORIES: parse(homedir()).root,
          // Nobody is asked: not in the terminal, not by a dialog.
          GIT_TERMINAL_PROMPT: '0',
          GIT_ASKPASS: '',
          GCM_INTERACTIVE: 'never',
        },
        stdio: ['pipe', 'pipe', 'ignore'],
        // A group of its own, so that a helper which hangs ends with it.
        detached: process.platform !== 'win32',
      });
      // No git, no helper and no answer in time mean the same: it does not know.
      const end = (answer?: string) => {
        clearTimeout(deadline);
        signal?.removeEventListener('abort', giveUp);
        resolve(answer);
      };
      const giveUp = () => {
        endGroup(child, 'SIGKILL');
        child.stdout.destroy();
        end();
      };
      const deadline = setTimeout(giveUp, timeoutMs);
      signal?.addEventListener('abort', giveUp, { once: true });
      let output = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        if (output.length < 64 * 1024) output += text;
      });
      child.stdin.on('error', () => {}).end(input);
      child.once('error', () => end());
      child.once('close', (code) => {
        if (code !== 0) log.debug(`git credential ${verb}: no answer (${code ?? 'ended'})`);
        end(code === 0 ? output : undefined);
      });
    });
  }
}

const fieldsOf = ({ email, token }: Credential): Record<string, string> => ({
  // Git keeps nothing without a user name; a personal access token has none.
  username: email ?? 'token',
  password: token,
});

/** Git's key=value lines, or undefined where a value would break out of its line. */
function describe(origin: string, fields: Record<string, string>): string | undefined {
  const { protocol, host } = new URL(origin);
  const all = { protocol: protocol.replace(/:$/, ''), host, ...fields };
  if (Object.values(all).some((value) => /[\0\r\n]/.test(value))) return undefined;
  return `${Object.entries(all)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')}\n`;
}

function parseFields(output: string): Map<string, string> {
  const pairs = output.split(/\r?\n/).flatMap((line): [string, string][] => {
    const at = line.indexOf('=');
    return at > 0 ? [[line.slice(0, at), line.slice(at + 1)]] : [];
  });
  return new Map(pairs);
}
