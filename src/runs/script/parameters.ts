import { quote } from '../../hosts/quoting';
import { documentsOf } from '../../model/run/documents';
import type { ImplementationOrder, RunOrder } from '../../model/run/order';
import { throughLoginShell } from '../../sources/claude/launch/launch';
import { detachedGit, detachedSetup } from '../detached';
import { commitTitle } from './implementation/commitTitle';
import type { RunScriptOptions } from './runScript';

/** A Claude that writes nothing for so long hangs: a request that fails is told at each try, within ten minutes. */
const silentSeconds = 3600;

/** What differs between runs; all that comes from outside enters here, and quoted. */
export function parameters(order: RunOrder, options: RunScriptOptions): string {
  const { turns, perHost, local, ssh = '' } = options;
  const { sessionId } = order;
  const common = {
    directory: order.directory,
    branch: order.branch,
    remote: order.remote,
    sessionId,
    base: configDirOf('implement' in turns ? turns.implement : turns.analysis),
    perHost: String(perHost),
    ssh,
    silence: String(silentSeconds),
    again: 'You were interrupted. What follows is what you were asked; go on from what is there already.',
  };
  return `${assignments(common)}
${order.implementation ? ofImplementation(order, order.implementation, options) : ofAnalysis(order)}
throughLogin() { ${quote(throughLoginShell(['sh', '-c', afterLogin, 'sh']))} "$@"; }
${Object.entries(turns)
  .map(
    ([step, argv]: [string, readonly string[]]) => `command_${step}() { exec ${throughAccount(argv)} "$@"; }`,
  )
  .join('\n')}
git_() (
  umask "$mask"
  cd -- "$directory" || exit 96
  ${Object.entries(detachedGit.env)
    .map(([name, value]) => `export ${name}=${quote([value])}`)
    .join('; ')}
  set -- "$ssh" "$@"
  ${detachedSetup({ local }).trim().replaceAll('\n', '\n  ')}
  shift
  set -- git ${detachedGit.config.map((setting) => `-c ${quote([setting])}`).join(' ')} "$@"
  timeout 1 true 2>/dev/null && exec timeout "\${gitSeconds:-900}" "$@"
  perl -e 1 2>/dev/null && exec perl -e 'alarm shift; exec @ARGV' "\${gitSeconds:-900}" "$@"
  exec "$@"
)`;
}

const assignments = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${quote([value])}`)
    .join('\n');

/** Of the documents, in the repository; empty where they lie at its top. */
const folderOf = ({ directory }: RunOrder['docs']): string => directory.replace(/^(?:\.\/)+|\/+$/g, '');

function ofAnalysis(order: RunOrder): string {
  const { reviewId = '', docs, key, sessionId } = order;
  const { analysis: names, review } = documentsOf(order);
  const folder = folderOf(docs);
  const paths = docs.names.map((name) => (folder === '' ? name : `${folder}/${name}`));
  const values = {
    first: 'analysis',
    docs: folder === '' ? order.directory : `${order.directory}/${folder}`,
    reviewId: review.length > 0 ? reviewId : '',
    critic: review[0] ?? '',
    message: `${key}: Analysis documents\n\nSession ID: ${sessionId}`,
  };
  return `${assignments(values)}
eachName() { ${names.map((name) => `"$@" ${quote([name])}`).join('; ') || ':'}; }
eachPath() { "$@" ${quote(paths)}; }`;
}

function ofImplementation(
  { key, docs }: RunOrder,
  { commit, steps, checks, spares }: ImplementationOrder,
  { checkSeconds = 1800 }: RunScriptOptions,
): string {
  const values = {
    first: 'implement',
    key,
    steps: String(steps.length),
    checks: String(checks.length),
    checkSeconds: String(checkSeconds),
    // The work since the approval.
    basis: commit,
    folder: folderOf(docs),
    spares: spares.join(' '),
  };
  const becoming = checks.map(
    (line, at) => `check_${at + 1}() { exec ${throughAccount(['sh', '-c', checking, 'sh', line])} "$@"; }`,
  );
  return `${assignments(values)}
eachPath() { "$@"; }
titleOf() { ${choice(steps.map(({ title }) => commitTitle(title)))}; }
checkLine() { ${choice(checks)}; }
${becoming.join('\n')}`;
}

/** Prints the text of the number that it is given, from 1. */
const choice = (texts: readonly string[]): string =>
  `case $1 in ${texts.map((text, at) => `${at + 1}) printf %s ${quote([text])} ;;`).join(' ')} esac`;

/** In the account's own environment, less what a session is not to have. */
const throughAccount = (argv: readonly string[]): string =>
  quote(throughLoginShell(['sh', '-c', afterLogin, 'sh', ...argv]));

/**
 * `$1` the check, `$2` its tag as NAME=VALUE. What Claude wrote and nobody has read yet is not to sign in anywhere with
 * the keys of a person who sits there. What a profile starts is none of the check's, and carries no tag.
 */
const checking = 'unset SSH_AUTH_SOCK SSH_AGENT_PID; export "$2"; exec sh -c "$1"';

/** A profile may set what no session is to have. One line, since every login shell hands it on. */
const afterLogin = `unset GIT_ASKPASS CLAUDECODE CLAUDE_CODE_CHILD_SESSION CLAUDE_CODE_SESSION_ID; for ts_v in $(awk 'BEGIN { for (k in ENVIRON) if (k ~ /^TASK_SESSIONS_[A-Za-z0-9_]*$/) print k }' </dev/null); do unset "$ts_v"; done; exec "$@"`;

/** Claude's directory, where a turn names it. */
function configDirOf(argv: readonly string[]): string {
  const name = 'CLAUDE_CONFIG_DIR=';
  const [program, setting = ''] = argv;
  return program === 'env' && setting.startsWith(name) ? setting.slice(name.length) : '';
}
