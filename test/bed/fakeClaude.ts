import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Keeps a transcript, writes the files that a prompt lists, and answers; files in `~/knobs` make it do otherwise. */
const program = `#!/bin/sh
case "$*" in
  --version) echo '2.1.329 (Claude Code)'; exit ;;
  'auth status') echo '{"loggedIn": true}'; exit ;;
esac
while [ $# -gt 0 ]; do
  case $1 in --session-id) how=begin id=$2 ;; --resume) how=resume id=$2 ;; esac
  shift
done
knobs=$HOME/knobs projects=$HOME/.claude/projects/fake
prompt=$(cat)
key=$(printf '%s\\n' "$prompt" | sed -n 's/^[A-Z].* \\([A-Z][A-Z]*-[0-9]*\\)[:.].*/\\1/p' | head -n 1)
mkdir -p "$projects" "$HOME/asked/$key"
printf '%s\\n' "$prompt" >"$HOME/asked/$key/$(($(ls "$HOME/asked/$key" | wc -l) + 1))"
answer() { printf '{"type":"result","is_error":%s,"terminal_reason":"%s","result":"%s","session_id":"%s"}\\n' "$1" "$2" "$3" "$4"; }
has() { [ -e "$knobs/$key.$1" ]; }
if [ $how = resume ] && { [ ! -e "$projects/$id.jsonl" ] || has forgets; }; then
  rm -f "$knobs/$key.forgets"
  echo "No conversation found with session ID: $id" >&2
  answer true error_during_execution '' "$id"
  exit 1
fi
if [ $how = begin ] && [ -e "$projects/$id.jsonl" ]; then echo "Error: Session ID $id is already in use." >&2; exit 1; fi
if has full; then rm "$knobs/$key.full"; answer true prompt_too_long 'Prompt is too long' "$id"; exit 1; fi
printf '{"type":"user"}\\n' >>"$projects/$id.jsonl"
if has away; then answer true api_error 'API Error: 529 Overloaded.' "$id"; exit 1; fi
! has slow || sleep "$(cat "$knobs/$key.slow")"
has idle || printf '%s\\n' "$prompt" | awk '
  $0 == "Files to write:" { files = ""; next }
  sub(/^- \\//, "/") { files = files $0 "\\n" }
  END { printf "%s", files }' | while IFS= read -r file; do
  mkdir -p "\${file%/*}"; date >>"$file"
done
printf '{"type":"assistant"}\\n' >>"$projects/$id.jsonl"
if has other; then id=00000000-0000-4000-8000-000000000000; fi
answer false completed Done. "$id"
`;

/** Puts a program in Claude's place, where only what is around it is looked at: it costs nothing. Answers its path. */
export async function fakeClaude(home: string, path = join(home, 'fake-claude')): Promise<string> {
  await mkdir(join(home, 'knobs'), { recursive: true });
  await mkdir(dirname(path), { recursive: true });
  if (!existsSync(path)) await writeFile(path, program, { mode: 0o755 });
  return path;
}
