/** Kills a process, or a whole group when negative. That it is gone already is what we want. */
export function kill(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  // These mean "my own group", "everything" and "init".
  if ([0, 1].includes(Math.abs(pid))) throw new Error(`Not to be killed: ${pid}`);
  try {
    process.kill(pid, signal);
  } catch {
    // Gone.
  }
}
