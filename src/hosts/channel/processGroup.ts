import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';

/** Ends a process that was started `detached`, with all that it started and that did not leave its group. */
export function endGroup(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return;
  if (process.platform === 'win32') {
    spawn('taskkill', ['/pid', String(child.pid), '/t', '/f'], { stdio: 'ignore', windowsHide: true }).on(
      'error',
      () => child.kill(signal),
    );
    return;
  }
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Gone already, or another account's (a prefix like sudo), which ends with its stdin.
  }
}
