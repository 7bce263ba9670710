import type { Host } from '../../../hosts/host';
import { UserError } from '../../../model/errors';
import { isAbsolutePath } from '../../../model/names';
import type { PromptName, Settings } from '../../../model/settings';
import type { IssueDetail } from '../../../model/task/issue';
import type { Place } from '../../../model/task/repository';
import { readTemplates, type Templates } from '../../../runs/prompts/templates';
import { findClaude } from '../../../sources/claude/launch/findClaude';
import { loginShellScript } from '../../../sources/claude/launch/launch';
import type { Ledger } from '../../../state/ledger';
import type { JiraAccount } from '../../account';
import { checked } from './lookAround';
import type { StartCheck, StartSteps } from './steps';

/** What a run takes along: the program there, and what its prompts are made of. */
export interface Equipment {
  /** The account's home on the host. */
  home: string;
  claudePath: string;
  /** Absolute; only where the account's own is not meant. */
  configDir?: string;
  issue: IssueDetail;
  templates: Templates;
}

export interface EquipmentOptions {
  settings: Pick<Settings, 'prompts'>;
  account: Pick<JiraAccount, 'jira'>;
  ledger: Pick<Ledger, 'read' | 'acceptPrompt'>;
  /** `media/prompts`. */
  promptFolder: string;
  /** The account's home on this machine. */
  home: string;
  onCheck(check: StartCheck): void;
}

/** Where the run is to work, the commit that it begins from, and which prompts it needs. */
interface At {
  key: string;
  host: Host;
  place: Place;
  commit: string;
  prompts: readonly PromptName[];
}

/** Finds Claude, reads the issue and the prompts; asks about prompts of the repository that nobody has accepted yet. */
export async function equip(at: At, options: EquipmentOptions, steps: StartSteps): Promise<Equipment> {
  const { key, host, place, commit, prompts: names } = at;
  const { settings, account, ledger, promptFolder, onCheck } = options;
  const { signal } = steps;
  const home = await homeOf(host, signal);
  const claudePath = await checked(onCheck, 'claude', () => claudeOn(host, onCheck, signal));
  const configDir = host.settings.configDir?.replace(/^~(?=$|\/)/, () => home);
  await checkSignIn({ host, claudePath, configDir, steps, onCheck });
  const jira = await account.jira(signal);
  const issue = await checked(onCheck, 'issue', () => jira.issue(key, signal));
  onCheck({ check: 'issue', ok: true, detail: `${key} read` });

  const sources = {
    folder: promptFolder,
    prompts: settings.prompts,
    home: options.home,
    repository: { host, place, commit },
    names,
    signal,
  };
  const { accepted } = await ledger.read();
  const { templates, unaccepted } = await readTemplates({ ...sources, accepted });
  let takesOne = false;
  for (const { path, blob, text } of unaccepted) {
    const isTaken = await steps.ask({
      kind: 'repositoryPrompt',
      path,
      blob,
      text,
      summary: `Use the prompt ${path} of the repository?`,
      detail:
        'It tells Claude what to do. You are asked again when it changes; without it the built-in one is used.',
      accept: 'Use Prompt',
    });
    if (isTaken) await ledger.acceptPrompt({ blob, path, at: Date.now() });
    else steps.note(`The repository’s own prompt ${path} was not used.`);
    takesOne ||= isTaken;
  }
  const found = { home, claudePath, ...(configDir && { configDir }), issue };
  if (!takesOne) return { ...found, templates };
  const again = await readTemplates({ ...sources, accepted: (await ledger.read()).accepted });
  return { ...found, templates: again.templates };
}

async function homeOf(host: Host, signal: AbortSignal | undefined): Promise<string> {
  const { stdout } = await host.script('printf %s "$HOME"', [], signal && { signal });
  const home = stdout.toString();
  if (isAbsolutePath(home)) return home;
  throw new UserError(`The account on ${host.name} has no home.`, 'Set HOME there.');
}

async function claudeOn(
  host: Host,
  onCheck: EquipmentOptions['onCheck'],
  signal: AbortSignal | undefined,
): Promise<string> {
  const found = await findClaude(host, signal);
  switch (found.kind) {
    case 'found': {
      const { path, version, warning } = found;
      const fix = warning === undefined ? {} : { fix: warning };
      onCheck({ check: 'claude', ok: warning === undefined, detail: `${path} ${version}`, ...fix });
      return path;
    }
    case 'missing':
      throw new UserError(`There is no claude on ${host.name}.`, found.next);
    case 'tooOld':
      throw new UserError(
        `${found.path} on ${host.name} is version ${found.version}, which is too old.`,
        found.next,
      );
    case 'broken':
      throw new UserError(
        `${found.path} on ${host.name} does not run: ${found.detail || 'it says nothing'}.`,
        found.next,
      );
  }
}

const signInMs = 15_000;

/** Claude's own word; a wrong one costs nothing, since the run says it too. */
async function checkSignIn({
  host,
  claudePath,
  configDir,
  steps,
  onCheck,
}: {
  host: Host;
  claudePath: string;
  configDir: string | undefined;
  steps: StartSteps;
  onCheck: EquipmentOptions['onCheck'];
}): Promise<void> {
  const argv = [
    ...(configDir ? ['env', `CLAUDE_CONFIG_DIR=${configDir}`] : []),
    claudePath,
    'auth',
    'status',
  ];
  const { stdout } = await host
    .script(loginShellScript, argv, {
      timeoutMs: signInMs,
      maxBytes: 1 << 20,
      ...(steps.signal && { signal: steps.signal }),
    })
    .catch((error: unknown) => {
      if (error instanceof UserError) return { stdout: '' };
      throw error;
    });
  if (!/"loggedIn":\s*false/.test(stdout.toString())) return;
  const detail = `Claude is not signed in on ${host.name}`;
  const fix = 'Run claude there once and sign in.';
  onCheck({ check: 'signIn', ok: false, detail, fix });
  steps.note(`${detail}. ${fix}`);
}
