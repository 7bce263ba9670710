import { UserError } from '../model/errors';
import { isAbsolutePath } from '../model/names';
import type { RunOrder } from '../model/run/order';
import type { Settings } from '../model/settings';
import { flagArguments, readFlags } from '../sources/claude/launch/launch';

/**
 * A turn of Claude in a run. Of an analysis: the analysis, asking once more for what is missing, the critic's review; of
 * an implementation: work on a step of the plan.
 */
export const turnKinds = ['analysis', 'documents', 'review', 'implement'] as const;
export type TurnKind = (typeof turnKinds)[number];

export interface TurnOptions {
  kind: TurnKind;
  order: Pick<RunOrder, 'directory' | 'docs' | 'flags' | 'implementation'>;
  claude: Settings['claude'];
  /** Folder of the run on its host, absolute; the critic works in its `review`. */
  runDirectory: string;
  /** As `findClaude` tells it. */
  claudePath: string;
  /** Absolute; only where the account's own is not meant. */
  configDir?: string;
}

/** Copies of the documents as they were approved, for an implementation to read: `NAME` of each. */
export const approvedDirectory = (runDirectory: string): string => `${runDirectory}/approved`;

/** What the critic has, whatever an analysis was given besides. */
const criticTools = ['Read', 'Grep', 'Glob', 'Write', 'Edit'];

/**
 * Claude's argv for one turn of a run, less `--session-id ID` or `--resume ID`, which the script adds, and less the
 * prompt, which comes by stdin. To be run in the worktree, the critic's in its own directory. Claude reads and searches
 * there, writes under one directory (an implementation: in the whole worktree, but for the approved documents), and is
 * refused everything else, since nobody is there to be asked. Of settings, it reads the account's own: their permission
 * rules count, a mode that asks nobody does not. Throws `UserError`.
 */
export function turnArgv(options: TurnOptions): string[] {
  const { kind, order, claude, claudePath, configDir } = options;
  if (claudePath === '' || claudePath.startsWith('-'))
    throw new UserError(`"${claudePath.slice(0, 80)}" is no program.`, 'Correct claudePath in the settings.');
  const { tools, mode } = meansOf(kind, claude);
  const { model } = readFlags(order.flags);
  return [
    ...(configDir ? ['env', `CLAUDE_CONFIG_DIR=${configDir}`] : []),
    claudePath,
    '-p',
    '--verbose',
    '--output-format=stream-json',
    ...flagArguments({ permissionMode: mode, ...(model && { model }) }),
    `--settings=${JSON.stringify(turnSettings(options))}`,
    // What a repository says of hooks, permissions, MCP servers and surroundings is not heard.
    '--setting-sources=user',
    '--strict-mcp-config',
    `--tools=${tools.join(',')}`,
    ...(claude.maxTurns > 0 ? [`--max-turns=${claude.maxTurns}`] : []),
    ...(claude.maxBudgetUsd > 0 ? [`--max-budget-usd=${claude.maxBudgetUsd}`] : []),
  ];
}

/** Flags of the session for the ledger: what a person who resumes it by hand gets, none of the narrow ones. */
export const sessionFlags = ({ model, permissionMode }: Settings['claude']): string[] =>
  flagArguments({ model, permissionMode });

/** Directory of the documents on the host. */
export const docsDirectory = ({ directory, docs }: Pick<RunOrder, 'directory' | 'docs'>): string =>
  docs.directory === '' ? directory : `${directory}/${docs.directory}`;

/** The critic's own directory: copies of the documents, and what it writes. */
export const reviewDirectory = (runDirectory: string): string => `${runDirectory}/review`;

/** What a kind of turn is given, by the settings. */
function meansOf(
  kind: TurnKind,
  claude: Settings['claude'],
): { tools: readonly string[]; allow: readonly string[]; mode: string } {
  switch (kind) {
    case 'analysis':
    case 'documents':
      return { tools: claude.analysisTools, allow: claude.analysisAllow, mode: claude.analysisMode };
    case 'review':
      return { tools: criticTools, allow: [], mode: 'default' };
    case 'implement':
      return {
        tools: claude.implementationTools,
        allow: claude.implementationAllow,
        mode: claude.implementationMode,
      };
  }
}

/** Where a kind of turn writes: absolute, and seen from the directory where it is started. */
function writableOf({ kind, order, runDirectory }: TurnOptions): { absolute: string; relative: string } {
  switch (kind) {
    case 'analysis':
    case 'documents':
      return { absolute: docsDirectory(order), relative: order.docs.directory };
    case 'review':
      return { absolute: reviewDirectory(runDirectory), relative: '' };
    case 'implement':
      return { absolute: order.directory, relative: '' };
  }
}

/** Settings of this turn only. Rules stand in JSON, where nothing splits them at blanks and commas. */
function turnSettings(options: TurnOptions): object {
  const { kind, order, claude, runDirectory, configDir } = options;
  const { absolute, relative } = writableOf(options);
  const isImplementation = kind === 'implement';
  const approved = isImplementation ? (order.implementation?.documents ?? []) : [];
  return {
    // Neither what was noted in other sessions, nor notes for others: Claude lets itself write those without a rule.
    autoMemoryEnabled: false,
    permissions: {
      allow: [
        // Claude compares with the path as given and as it really is: the first for worktrees and homes behind a
        // symlink, the second, from the directory where it was started, for what they lead to.
        `Edit(${absoluteRule(absolute)}/**)`,
        `Edit(./${relative === '' ? '' : `${escaped(relative)}/`}**)`,
        ...meansOf(kind, claude).allow,
      ],
      deny: [
        'Edit(~/.claude/**)',
        ...(configDir ? [`Edit(${absoluteRule(configDir)}/**)`] : []),
        // Neither what it works by, nor the rest of its run; a person may change documents meanwhile, Claude may not.
        ...(isImplementation ? [`Edit(${absoluteRule(runDirectory)}/**)`] : []),
        ...approved.flatMap(({ path }) => [
          `Edit(${absoluteRule(`${order.directory}/${path}`)})`,
          `Edit(./${escaped(path)})`,
        ]),
      ],
      ...(isImplementation && { additionalDirectories: [approvedDirectory(runDirectory)] }),
      disableBypassPermissionsMode: 'disable',
    },
  };
}

/** `//` is the root of the file system. */
function absoluteRule(path: string): string {
  if (!isAbsolutePath(path)) throw unfit(path);
  return `/${escaped(path)}`;
}

/** Parts of a path that Claude guards whatever the rules. */
const guarded = /(?:^|\/)\.(?:git|claude|vscode|idea)(?:\/|$)/;

/** A path in a rule, which is a pattern of .gitignore. Refused is what Claude (2.1.329) reads otherwise, escaped or not. */
function escaped(path: string): string {
  if (/[*?\\\p{Cc}]|[ .](?:\/|$)/u.test(path) || (!path.startsWith('/') && guarded.test(path)))
    throw unfit(path);
  return path.replaceAll(/[[\]!#(){}]/g, '\\$&');
}

const unfit = (path: string): UserError =>
  new UserError(
    `Claude cannot be held to writing in "${path.slice(0, 200)}" alone.`,
    'Choose another directory (docs.directory, worktrees.directory), without * ? \\, and no part of it .git, .claude, .vscode or .idea, or ending with a blank or a dot.',
  );
