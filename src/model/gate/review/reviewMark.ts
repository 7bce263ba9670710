import { z } from 'zod';

/**
 * A person's word that one version of a document was read. Opening is not reading. Of each document (Jira, key, path)
 * the ledger keeps the newest.
 */
export const reviewMarkSchema = z.object({
  /** Host (and port) of the Jira: other Jiras have issues of that key too. */
  jira: z.string().optional(),
  key: z.string().max(300),
  /** Path inside the repository. */
  path: z.string().max(4096),
  /** Git's object id of the content that was read. */
  blob: z.string().regex(/^[0-9a-f]{40,64}$/),
  /** The branch's head then. */
  commit: z
    .string()
    .regex(/^[0-9a-f]{40,64}$/)
    .optional()
    .catch(undefined),
  /** Epoch ms. */
  at: z.number(),
});
export type ReviewMark = z.infer<typeof reviewMarkSchema>;

/** How many are remembered: the newest. */
export const marksKept = 2000;
