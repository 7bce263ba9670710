/**
 * POSIX sh: commits what was done and pushes the branch. Needs `git_`, the guarded git in the worktree; `eachPath
 * COMMAND…`, which adds the paths to its arguments where not all of the worktree is meant; and `message`.
 */
export const publish = `
complaint() {
  { grep -E '^ ?(! |fatal:|error:|ERROR|remote: (error|fatal|ERROR))' said || cat said; } 2>/dev/null | head -n 1
}
# Whether another git holds a file for a moment. A lock that our own git left when it was killed is taken away; one that
# may be a person's, who is still writing a message perhaps, never is.
isLocked() {
  grep -Eq 'index\\.lock|could not lock|cannot lock ref|Unable to create .*\\.lock|failed to update ref' said || return 1
  [ -e indexing.left ] || return 0
  lock=$(git_ rev-parse --git-path index.lock) || return 0
  case $lock in /*) ;; *) lock=$directory/$lock ;; esac
  # Older than the moment in which this runner began: nobody but its killed forerunner was at work then.
  [ -z "$(find "$lock" ! -newer indexing.left -mmin +1 2>/dev/null)" ] || rm -f "$lock"
}
# Runs git, again where another git was in its way.
patiently() {
  patience=70
  until git_ "$@" >said 2>&1 </dev/null; do
    { [ "$patience" -gt 0 ] && isLocked; } || return 1
    patience=$((patience - 1))
    sleep 1
  done
}
refuse() {
  if isFull "$directory" || isFull . || grep -Eq 'No space left|uota exceeded' said; then fail commit disk; fi
  fail commit "$1" "$(complaint)"
}

# What a program has made a repository of its own (a scaffold, a clone) would be committed as a link to nowhere. It is
# taken out of the index again, since git says so only once.
refuseEmbedded() {
  sed -n 's/^warning: adding embedded git repository: //p' said >embedded
  [ -s embedded ] || return 0
  while IFS= read -r path; do git_ rm --cached --quiet -f -- "$path" </dev/null; done <embedded >/dev/null 2>&1
  fail commit git "$(head -n 1 embedded) is a repository of its own: remove its .git, or ignore it"
}
# Commits what \`git add $1\` finds of the paths; of a step of a plan there may be nothing.
commitWork() {
  rm -f indexing.left "$directory"/.task-sessions-space.*
  of=\${n:+",\\"n\\":$n"}
  ! grep -q "\\"step\\":\\"commit\\",\\"state\\":\\"started\\"$of[,}]" run.jsonl || : >indexing.left
  note commit started
  on=$(git_ symbolic-ref -q HEAD)
  [ "$on" = "refs/heads/$branch" ] || fail commit branch "The worktree is on \${on:-no branch}"
  printf '%s\\n' "$message" >message || fail commit disk
  # Wherever they lie, whatever part of the repository is checked out; older ones do not ask.
  sparse=; git_ add -h 2>&1 | grep -q sparse && sparse=--sparse
  eachPath patiently add "$1" $sparse -- || refuse git
  refuseEmbedded
  if ! eachPath git_ diff --cached --quiet --no-ext-diff --no-textconv --; then
    eachPath patiently commit --quiet --no-verify --no-gpg-sign -F "$run/message" -- || {
      grep -q 'tell me who you are' said && refuse identity
      refuse git
    }
  elif [ -n "$n" ] && [ "$(git_ log -1 --format=%B)" != "$message" ]; then
    note commit done
    return
  fi
  commit=$(git_ rev-parse --verify HEAD) || refuse git
  note commit done ",\\"commit\\":\\"$commit\\""
}

# Why a push failed, in a word, by what git said.
whyNotPushed() {
  grep -v '^remote:' said >said.here
  if isFull .; then echo disk
  elif isLocked; then echo locked
  elif grep -Eq 'No space left|uota exceeded' said.here; then echo disk
  elif grep -Eqi 'remote rejected|hook declined|protected branch|not allowed to push' said; then echo denied
  elif grep -Eq '\\[rejected\\]|non-fast-forward|fetch first' said; then echo rejected
  elif grep -Eqi 'denied|authentication failed|could not read (username|password)|publickey|error: 40[13]|Host key verification failed|repository .*not found' said; then echo denied
  elif grep -Eqi 'could not resolve|connection (refused|timed out|reset|closed)|timed out|network is unreachable|no route to host|unable to access|hung up|early EOF|RPC failed|error: 5[0-9][0-9]|disconnect' said; then echo network
  else echo git
  fi
}

push() {
  # In the background, so that a signal gets through.
  git_ push --no-verify --set-upstream -- "$remote" "refs/heads/$branch:refs/heads/$branch" >said 2>&1 </dev/null &
  child=$!
  wait "$child"
  code=$?
  child=
  return "$code"
}
# People may go on with the documents while a plan is built (tick its boxes, say): what the remote's branch has more is
# merged, if it is nothing else. Work of others is left to a person, since no check has seen it together with ours.
mergeDocuments() {
  [ "$first" = implement ] && [ -n "$folder" ] && [ -z "$(git_ status --porcelain --untracked-files=no)" ] || return 1
  [ "$(git_ symbolic-ref -q HEAD)" = "refs/heads/$branch" ] || return 1
  git_ fetch --quiet --no-tags --no-recurse-submodules -- "$remote" "refs/heads/$branch" >fetched 2>&1 </dev/null || return 1
  there=$(git_ rev-parse --verify --quiet 'FETCH_HEAD^{commit}') || return 1
  git_ diff --name-only --no-renames --no-ext-diff -z "HEAD...$there" -- | tr '\\n\\000' ' \\n' >fetched
  [ -s fetched ] || return 1
  while IFS= read -r path; do
    case $path in "$folder"/*) ;; *) return 1 ;; esac
  done <fetched
  git_ merge --quiet --no-verify --no-gpg-sign --no-edit -m "$key: Merge changed documents" "$there" >fetched 2>&1 </dev/null || {
    git_ merge --abort >/dev/null 2>&1
    return 1
  }
}
notePush() { note push done ",\\"commit\\":\\"$(git_ rev-parse --verify "refs/heads/$branch")\\""; }

pushBranch() {
  note push started
  for pause in 1 5 20 60 end; do
    push && break
    stopIfAsked
    case $code in
      124 | 137 | 142 | 143) reason=network ;;
      *) reason=$(whyNotPushed) ;;
    esac
    [ "$pause-$reason" = end-rejected ] || [ "$reason" != rejected ] || ! mergeDocuments || continue
    case $pause-$reason in
      end-locked) fail push git "$(complaint)" ;;
      end-* | *-rejected | *-denied | *-disk | *-git) fail push "$reason" "$(complaint)" ;;
    esac
    sleep "$pause"
  done
  notePush
}
`;
