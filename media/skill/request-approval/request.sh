#!/bin/sh
# Asks for the approval of a task's documents: writes a request that Task Sessions finds on this machine, publishes on
# the Jira issue of the session, and shows under "needs you". Approves nothing, and needs no network.
#
# Usage: request.sh [--note TEXT] [--json] [KEY]
# The session is that of the Claude Code which calls this (CLAUDE_CODE_SESSION_ID), else the one that works in this
# directory.

fail() {
  printf '%s\n' "$1" >&2
  exit "${2:-1}"
}
warn() { printf 'Warning: %s\n' "$1" >&2; }

usage='Usage: request.sh [--note TEXT] [--json] [KEY]'
note='' key='' answer=words
while [ $# -gt 0 ]; do
  case $1 in
    --note)
      [ $# -ge 2 ] || fail "$usage" 2
      note=$2
      shift
      ;;
    --note=*) note=${1#--note=} ;;
    --json) answer=json ;;
    -h | --help)
      printf '%s\n' "$usage"
      exit 0
      ;;
    -*) fail "$usage" 2 ;;
    *)
      [ -z "$key" ] || fail "$usage" 2
      key=$1
      ;;
  esac
  shift
done
case $key in
  '') ;;
  *[!A-Z0-9_-]* | [!A-Z]* | *-*-* | *- | *-*[!0-9]*) fail "\"$key\" is no key of an issue." 2 ;;
  *-*) ;;
  *) fail "\"$key\" is no key of an issue." 2 ;;
esac

session=${CLAUDE_CODE_SESSION_ID:-}
directory=$(pwd -P) || fail 'This directory is gone. Go to the working tree of the task.'
# Nobody is asked for a password, and nothing that the repository names is run.
git() { GIT_TERMINAL_PROMPT=0 command git -c core.fsmonitor=false -c core.hooksPath=/dev/null "$@" 2>/dev/null; }
branch=$(git symbolic-ref --quiet --short HEAD) || branch=''
commit=$(git rev-parse --verify --quiet HEAD) || commit=''

if [ -n "$commit" ]; then
  changed=$(git status --porcelain --untracked-files=all -- ':(top)*.md' | wc -l | tr -d ' ')
  case $changed in
    0) ;;
    1) warn '1 Markdown file is not committed: only what is pushed can be approved.' ;;
    *) warn "$changed Markdown files are not committed: only what is pushed can be approved." ;;
  esac
  [ -n "$(git branch -r --contains "$commit" | head -n 1)" ] ||
    warn 'The last commit is not pushed: only what is pushed can be approved.'
else
  warn 'This directory is in no Git repository with a commit.'
fi

# A JSON string of the text; control characters become blanks.
json() {
  text=$1 LC_ALL=C awk 'BEGIN {
    text = substr(ENVIRON["text"], 1, 4000)
    gsub(/[\001-\037\177]/, " ", text)
    out = ""
    for (i = 1; i <= length(text); i++) {
      c = substr(text, i, 1)
      out = out (c == "\"" || c == "\\" ? "\\" c : c)
    }
    printf "\"%s\"", out
  }'
}
field() { [ -z "$2" ] || printf ',"%s":%s' "$1" "$(json "$2")"; }

newId() {
  if [ -r /proc/sys/kernel/random/uuid ]; then
    cat /proc/sys/kernel/random/uuid
  else
    od -An -N16 -tx1 /dev/urandom | tr -d ' \n' |
      sed 's/^\(.\{8\}\)\(.\{4\}\)\(.\{4\}\)\(.\{4\}\)\(.\{12\}\)$/\1-\2-\3-\4-\5/'
  fi
}

umask 077
# Not XDG_STATE_HOME: login shells, sshd and tmux disagree about it.
folder=$HOME/.local/state/task-sessions/requests
unwritable="The request cannot be written to $folder. Make room there, or check whose the folder is."
mkdir -p "$folder" 2>/dev/null && cd "$folder" 2>/dev/null || fail "$unwritable"
id=$(newId)
{
  printf '{"schema":1,"id":"%s"' "$id"
  field sessionId "$session"
  field key "$key"
  field directory "$directory"
  field branch "$branch"
  field commit "$commit"
  field note "$note"
  printf ',"at":%s}\n' "$(date +%s)"
} 2>/dev/null >".$id.$$" && mv -f ".$id.$$" "$id.json" || {
  rm -f ".$id.$$"
  fail "$unwritable"
}
if [ $answer = json ]; then
  cat "$id.json"
  exit
fi
printf '%s\n' 'Approval is requested. Task Sessions publishes the request on the issue of this session, and a person decides.'
