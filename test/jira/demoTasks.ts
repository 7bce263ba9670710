import { payPlanned } from './demo/payPlanned';
import { payUnderway } from './demo/payUnderway';
import { portalTasks } from './demo/portal';
import type { DemoSession, DemoTask } from './demo/demoTask';

/** Every task of the demo. The simulator's seed, the demo's repository and its sessions are all made from this list. */
export const demoTasks: DemoTask[] = [...payPlanned, ...payUnderway, ...portalTasks];

/** All sessions with their task. */
export function demoSessions(): { task: DemoTask; session: DemoSession }[] {
  return demoTasks.flatMap((task) => task.sessions.map((session) => ({ task, session })));
}
