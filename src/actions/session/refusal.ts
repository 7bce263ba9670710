import type { WayOut } from './plan';

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
