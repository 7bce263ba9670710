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
  /** Absolute path as `findClaude` tells it. */
  claudePath: string;
  /** Absolute; only where the account's own is not meant. */
  configDir?: string;
}

/**
 * Claude's argv for one turn of a run, less `--session-id ID` or `--resume ID`, which the script adds, and less the
 * prompt, which comes by stdin. Its powers are narrow (README, "Runs").
 */
export function turnArgv({
  kind,
  order,
  claude,
  runDirectory,
  claudePath,
  configDir,
}: TurnOptions): string[] {
  if (claudePath === '' || claudePath.startsWith('-'))
    throw new UserError(`"${claudePath.slice(0, 80)}" is no program.`, 'Correct claudePath in the settings.');
  const writable = kind === 'review' ? reviewDirectory(runDirectory) : docsDirectory(order);
  const { model } = readFlags(order.flags);
  return [
    ...(configDir ? ['env', `CLAUDE_CONFIG_DIR=${configDir}`] : []),
    claudePath,
    '-p',
    '--verbose',
    '--output-format=stream-json',
    ...flagArguments({ permissionMode: claude.analysisMode, ...(model && { model }) }),
    `--settings=${JSON.stringify(narrow(writable, kind === 'review' ? [] : claude.analysisAllow))}`,
    '--setting-sources=user',
    '--strict-mcp-config',
    `--tools=${claude.analysisTools.join(',')}`,
    ...(claude.maxTurns > 0 ? [`--max-turns=${claude.maxTurns}`] : []),
    ...(claude.maxBudgetUsd > 0 ? [`--max-budget-usd=${claude.maxBudgetUsd}`] : []),
  ];
}

/** Flags of the session that the ledger keeps: what a person who resumes it by hand gets, none of the narrow ones. */
export const sessionFlags = ({ model, permissionMode }: Settings['claude']): string[] =>
  flagArguments({ model, permissionMode });

/** Directory of the documents on the host. */
export const docsDirectory = ({ directory, docs }: Pick<RunOrder, 'directory' | 'docs'>): string =>
  `${directory}/${docs.directory}`;

/** The critic's own directory: copies of the documents, and what it writes. */
export const reviewDirectory = (runDirectory: string): string => `${runDirectory}/review`;

/** Settings of this turn only: writing under one directory, and no way round being asked. */
function narrow(writable: string, allow: readonly string[]): object {
  return {
    permissions: {
      allow: [`Edit(${pathPattern(writable)}/**)`, ...allow],
      disableBypassPermissionsMode: 'disable',
    },
  };
}

/** An absolute path as Claude's rules spell it: `//` for the root of the file system, patterns as in .gitignore. */
function pathPattern(path: string): string {
  if (!isAbsolutePath(path))
    throw new UserError(`"${path.slice(0, 80)}" is no absolute path.`, 'Correct docs.directory.');
  return `/${path.replaceAll(/[\\*?[\]!#(){}]/g, '\\$&')}`;
}
