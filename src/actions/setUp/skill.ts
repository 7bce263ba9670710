import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '../../hosts/host';
import { UserError } from '../../model/errors';
import { requestsFolder } from '../../model/gate/request/request';
import { ask } from '../../sources/claude/probe/ask';
import { aloneScript } from '../../sources/claude/probe/probeScript';

/** As it is called in a conversation: `/request-approval`. */
export const skillName = 'request-approval';

/** Files of the skill, with their modes. */
const modes = { 'SKILL.md': '644', 'request.sh': '755' } as const;
type FileName = keyof typeof modes;
const names = Object.keys(modes) as FileName[];

export interface SkillFile {
  name: FileName;
  /** On the host, absolute. */
  path: string;
  /**
   * `older`: ours, as an earlier version wrote it. `changed`: ours, and somebody has edited it. `foreign`: somebody
   * else's, or no file.
   */
  state: 'absent' | 'current' | 'older' | 'changed' | 'foreign';
  /** What is there; of a link or a folder nothing is read. */
  before?: string;
  /** What is to be there. */
  after: string;
}

/** The skill as it stands on one host. */
export interface SkillPlan {
  host: string;
  folder: string;
  files: SkillFile[];
}

/** Files that are written, or removed, only when a person says so. */
export const isTheirs = ({ state }: SkillFile): boolean => state === 'changed' || state === 'foreign';

export const isCurrent = ({ files }: SkillPlan): boolean => files.every(({ state }) => state === 'current');

/** A last line tells later that a file is ours, and that nobody has edited it. */
const mark = (name: FileName, body: string): string => {
  const words = `task-sessions ${createHash('sha256').update(body).digest('hex')}`;
  return `${body}${name.endsWith('.md') ? `<!-- ${words} -->` : `# ${words}`}\n`;
};

function stateOf(name: FileName, before: string | undefined, after: string): SkillFile['state'] {
  if (before === undefined) return 'foreign';
  if (before === after) return 'current';
  const body = /^([^]*\n)(?:<!--|#) task-sessions [0-9a-f]{64}(?: -->)?\n$/.exec(before)?.[1];
  if (body === undefined) return 'foreign';
  return mark(name, body) === before ? 'older' : 'changed';
}

/** `$3…` names. A file that is a link, a folder or a pipe is told without its content. */
const lookScript = aloneScript(`
skill=$base/skills/${skillName}
mark skill; printf %s "$skill"
for name in "$@"; do
  file=$skill/$name
  if [ -f "$file" ] && ! [ -L "$file" ]; then mark file "$name"; head -c 262144 <"$file"
  elif [ -e "$file" ] || [ -L "$file" ]; then mark other "$name"
  fi
done`);

/** Reads how the skill stands on a host. `source`: the folder of our own copy. Throws as `ask` does. */
export async function lookAtSkill(host: Host, source: string, signal?: AbortSignal): Promise<SkillPlan> {
  let folder = '';
  const there = new Map<string, string | undefined>();
  const args = [host.settings.configDir ?? '', ...names];
  await ask(
    host,
    lookScript,
    args,
    { subject: 'its skills', signal },
    ({ name, args: [file = ''], body }) => {
      if (name === 'skill') folder = body.toString('utf8');
      else if (name === 'file') there.set(file, body.toString('utf8'));
      else if (name === 'other') there.set(file, undefined);
    },
  );
  const files = names.map(async (name): Promise<SkillFile> => {
    const after = mark(name, await readFile(join(source, name), 'utf8'));
    const before = there.get(name);
    return {
      name,
      path: `${folder}/${name}`,
      state: there.has(name) ? stateOf(name, before, after) : 'absent',
      ...(before !== undefined && { before }),
      after,
    };
  });
  return { host: host.name, folder, files: await Promise.all(files) };
}

/**
 * `$1` folder, then for each file: name, mode, `file` or `none` or `any` (what must be there still), its text, the
 * new text. All files are looked at before one is written.
 */
const writeScript = `
folder=$1; shift
mkdir -p "$folder" 2>/dev/null && cd "$folder" || { echo failed; return; }
check() {
  while [ $# -ge 5 ]; do
    case $3 in
      none) ! [ -e "$1" ] && ! [ -L "$1" ] ;;
      file) [ -f "$1" ] && ! [ -L "$1" ] && [ "$(cat "$1"; echo .)" = "$4." ] ;;
      any) ! [ -d "$1" ] || [ -L "$1" ] ;;
    esac || return
    shift 5
  done
}
check "$@" || { echo changed; return; }
while [ $# -ge 5 ]; do
  printf %s "$5" >".$1.$$" && chmod "$2" ".$1.$$" && mv -f ".$1.$$" "$1" || { rm -f ".$1.$$"; echo failed; return; }
  shift 5
done
umask 077
mkdir -p "$HOME/${requestsFolder}" || { echo failed; return; }
echo done
`;

const removeScript = `
folder=$1; shift
cd "$folder" 2>/dev/null || { echo done; return; }
while [ $# -ge 3 ]; do
  case $2 in
    file) if [ -e "$1" ] && [ "$(cat "$1"; echo .)" != "$3." ]; then echo changed; return; fi ;;
    any) ;;
  esac
  rm -f "$1" 2>/dev/null
  if [ -e "$1" ]; then echo failed; return; fi
  shift 3
done
cd ..; rmdir "$folder" 2>/dev/null
echo done
`;

export interface SkillChoice {
  /** Also files that are not ours, as the person has seen them. */
  theirs?: boolean;
  signal?: AbortSignal | undefined;
}

/**
 * Brings the skill to what the plan shows, each file whole or not at all; a file that is not as it was shown stops it.
 * Answers the files that were written. Throws UserError, HostError.
 */
export async function installSkill(
  host: Host,
  plan: SkillPlan,
  { theirs = false, signal }: SkillChoice = {},
): Promise<SkillFile[]> {
  const files = plan.files.filter((file) => file.state !== 'current' && (theirs || !isTheirs(file)));
  const words = files.flatMap(({ name, state, before, after }) => {
    const was = before !== undefined ? 'file' : state === 'absent' ? 'none' : 'any';
    return [name, modes[name], was, before ?? '', after];
  });
  await change(host, writeScript, [plan.folder, ...words], { plan, signal });
  return files;
}

/** Takes away what is ours; what is not, only where the person says so. Answers the files that went. */
export async function removeSkill(
  host: Host,
  plan: SkillPlan,
  { theirs = false, signal }: SkillChoice = {},
): Promise<SkillFile[]> {
  const files = plan.files.filter((file) => file.state !== 'absent' && (theirs || !isTheirs(file)));
  const words = files.flatMap(({ name, before }) => [
    name,
    before === undefined ? 'any' : 'file',
    before ?? '',
  ]);
  await change(host, removeScript, [plan.folder, ...words], { plan, signal });
  return files;
}

async function change(
  host: Host,
  script: string,
  words: readonly string[],
  { plan, signal }: { plan: SkillPlan; signal: AbortSignal | undefined },
): Promise<void> {
  const { stdout } = await host.script(script, words, signal && { signal });
  const answer = stdout.toString().trim();
  if (answer === 'done') return;
  throw answer === 'changed'
    ? new UserError(`A file in ${plan.folder} on ${host.name} changed meanwhile.`, 'Look at it again.')
    : new UserError(
        `The skill in ${plan.folder} on ${host.name} could not be changed.`,
        'Make room there, or check whose the folder is.',
      );
}
