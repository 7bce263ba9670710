/** The arguments do not fit: exit 2. */
export class UsageError extends Error {}
