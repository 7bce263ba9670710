import { z } from 'zod';

/**
 * One session as we know it from our own acts: what we started, what the user linked or unlinked.
 * Times are epoch ms. `flags` are the launch flags to give again on resume.
 */
export const ledgerEntrySchema = z.object({
  sessionId: z.string(),
  host: z.string(),
  /** `started` and `linked` bind, `unlinked` takes a record's or candidate's claim back, `seen` only remembers. */
  evidence: z.enum(['started', 'linked', 'unlinked', 'seen']),
  key: z.string().optional(),
  directory: z.string().optional(),
  branch: z.string().optional(),
  configDir: z.string().optional(),
  flags: z.array(z.string()).default([]),
  kind: z.enum(['analysis', 'implementation', 'other']).default('other'),
  continues: z.string().optional(),
  forkedFrom: z.string().optional(),
  createdAt: z.number(),
  lastUsedAt: z.number().optional(),
});
export type LedgerEntry = z.infer<typeof ledgerEntrySchema>;

/** A worktree that we made for a task: sessions inside it belong to the task. */
export const ledgerWorktreeSchema = z.object({
  key: z.string(),
  host: z.string(),
  directory: z.string(),
  createdAt: z.number(),
});
export type LedgerWorktree = z.infer<typeof ledgerWorktreeSchema>;

export interface LedgerState {
  entries: LedgerEntry[];
  worktrees: LedgerWorktree[];
}

export const emptyLedger: LedgerState = { entries: [], worktrees: [] };
