import { join } from 'node:path';
import { z } from 'zod';
import {
  emptyLedger,
  ledgerEntrySchema,
  ledgerWorktreeSchema,
  type LedgerEntry,
  type LedgerState,
  type LedgerWorktree,
} from '../model/binding/ledger';
import { Generations } from './generations';

const schema: z.ZodType<LedgerState> = z.object({
  entries: z.array(ledgerEntrySchema),
  worktrees: z.array(ledgerWorktreeSchema),
});

/** What we started, linked and read: one truth for every window and the command line (CONTRIBUTING, "Identity"). */
export class Ledger {
  private readonly store: Generations<LedgerState>;

  constructor(stateDirectory: string) {
    this.store = new Generations(join(stateDirectory, 'ledger'), schema, emptyLedger);
  }

  read(): Promise<LedgerState> {
    return this.store.read();
  }

  /** Adds the entry, or merges it over the one of the same session and host. */
  async remember(entry: LedgerEntry): Promise<void> {
    await this.store.update((state) => {
      const same = (one: LedgerEntry): boolean =>
        one.sessionId === entry.sessionId && one.host === entry.host;
      const before = state.entries.find(same);
      const merged = before ? { ...before, ...entry, createdAt: before.createdAt } : entry;
      return { ...state, entries: [...state.entries.filter((one) => !same(one)), merged] };
    });
  }

  async rememberWorktree(worktree: LedgerWorktree): Promise<void> {
    await this.store.update((state) => ({
      ...state,
      worktrees: [
        ...state.worktrees.filter(
          (one) => one.host !== worktree.host || one.directory !== worktree.directory,
        ),
        worktree,
      ],
    }));
  }
}
