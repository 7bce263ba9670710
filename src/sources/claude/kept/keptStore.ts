/**
 * Sets `kept`, where our copies of transcripts lie on a host: in the account's own state directory, out of Claude's
 * reach, `<folder below projects>/<session>.jsonl` with what lay beside it in `<session>/`.
 */
export const findKept = `
case \${XDG_STATE_HOME:-} in
  /*) kept=$XDG_STATE_HOME/task-sessions/kept ;;
  *) kept=$HOME/.local/state/task-sessions/kept ;;
esac
`;
