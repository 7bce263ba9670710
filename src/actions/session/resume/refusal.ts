import type { WayOut } from './plan';

/** A host that a record or an old configuration names. */
export const unknownHost = (name: string): { reason: string; next: string } => ({
  reason: name ? `"${name}" is not one of your hosts.` : 'The record does not say on which host it is.',
  next: 'Add the host (or this name as an alias of one) in taskSessions.hosts; a name from a comment is never connected to.',
});

/** What stops a resume: said to the person, with the ways on. */
export class Refusal extends Error {
  constructor(
    readonly reason: string,
    readonly next: string,
    readonly waysOut: WayOut[],
  ) {
    super(reason);
  }
}
