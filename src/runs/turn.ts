import { UserError } from '../model/errors';
import { isAbsolutePath } from '../model/names';
import type { RunOrder } from '../model/run/order';
import type { Settings } from '../model/settings';
import { flagArguments, readFlags } from '../sources/claude/launch/launch';

/** A turn of Claude in an analysis: the analysis, asking once more for what is missing, the critic's review. */
export const turnKinds = ['analysis', 'documents', 'review'] as const;
export type TurnKind = (typeof turnKinds)[number];

export interface TurnOptions {
  kind: TurnKind;
  order: Pick<RunOrder, 'directory' | 'docs' | 'flags'>;
  claude: Settings['claude'];
  /** Folder of the run on its host, absolute; the critic works in its `review`. */
  runDirectory: string;
  /** As `findClaude` tells it. */
  claudePath: string;
  /** Absolute; only where the account's own is not meant. */
  configDir?: string;
}

/** What the critic has, whatever an analysis was given besides. */
const criticTools = ['Read', 'Grep', 'Glob', 'Write', 'Edit'];

/**
 * Claude's argv for one turn of a run, less `--session-id ID` or `--resume ID`, which the script adds, and less the
 * prompt, which comes by stdin. To be run in the worktree, the critic's in its own directory. Claude reads and searches
 * there, writes under one directory, and is refused everything else, since nobody is there to be asked. Of settings, it
 * reads the account's own: their permission rules count, a mode that asks nobody does not. Throws `UserError`.
 */
export function turnArgv(options: TurnOptions): string[] {
  const { kind, order, claude, claudePath, configDir } = options;
  if (claudePath === '' || claudePath.startsWith('-'))
    throw new UserError(`"${claudePath.slice(0, 80)}" is no program.`, 'Correct claudePath in the settings.');
  const isReview = kind === 'review';
  const { model } = readFlags(order.flags);
  return [
    ...(configDir ? ['env', `CLAUDE_CONFIG_DIR=${configDir}`] : []),
    claudePath,
    '-p',
    '--verbose',
    '--output-format=stream-json',
    ...flagArguments({
      permissionMode: isReview ? 'default' : claude.analysisMode,
      ...(model && { model }),
    }),
    `--settings=${JSON.stringify(turnSettings(options))}`,
    // What a repository says of hooks, permissions, MCP servers and surroundings is not heard.
    '--setting-sources=user',
    '--strict-mcp-config',
    `--tools=${(isReview ? criticTools : claude.analysisTools).join(',')}`,
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

/** Settings of this turn only. Rules stand in JSON, where nothing splits them at blanks and commas. */
function turnSettings({ kind, order, claude, runDirectory, configDir }: TurnOptions): object {
  const isReview = kind === 'review';
  const writable = isReview ? reviewDirectory(runDirectory) : docsDirectory(order);
  return {
    // Neither what was noted in other sessions, nor notes for others: Claude lets itself write those without a rule.
    autoMemoryEnabled: false,
    permissions: {
      allow: [
        // Claude compares with the path as given and as it really is: the first for worktrees and homes behind a
        // symlink, the second, from the directory where it was started, for what they lead to.
        `Edit(${absoluteRule(writable)}/**)`,
        `Edit(./${isReview || order.docs.directory === '' ? '' : `${escaped(order.docs.directory)}/`}**)`,
        ...(isReview ? [] : claude.analysisAllow),
      ],
      deny: ['Edit(~/.claude/**)', ...(configDir ? [`Edit(${absoluteRule(configDir)}/**)`] : [])],
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
