import { z } from 'zod';

/** What we have noted of a task's pull request: of each task and branch the ledger keeps the newest. */
export const pullRequestNoteSchema = z.object({
  /** Host (and port) of the Jira: other Jiras have issues of that key too. */
  jira: z.string().optional(),
  key: z.string().max(300),
  branch: z.string().max(1000),
  /** Its own page; until that is known, the page where it is made. */
  url: z
    .string()
    .max(2000)
    .regex(/^https:\/\//),
  /** `Pull request #12`; absent while only the page where it is made is known. */
  name: z.string().max(200).optional(),
  /** When it was opened first: epoch ms. */
  at: z.number(),
});
export type PullRequestNote = z.infer<typeof pullRequestNoteSchema>;

/** How many are remembered: the newest. */
export const notesKept = 1000;

/** The newest of each task, which stand last. */
export const pullRequestsByKey = (
  notes: readonly PullRequestNote[] | undefined,
): ReadonlyMap<string, PullRequestNote> => new Map(notes?.map((note) => [note.key, note]));
