import type { Session } from './session';

/**
 * The sessions among which *Resume* of a task takes the only one, or has the person choose: those that can be resumed at
 * all, where there are such. What only reviewed the documents of others is never taken by itself.
 */
export function resumeChoices(bound: readonly Session[]): Session[] {
  const talks = bound.filter(({ role }) => role !== 'review');
  const present = talks.filter(({ state }) => state !== 'missing');
  return present.length > 0 ? present : talks;
}
