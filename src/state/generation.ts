import { z } from 'zod';

/** One file's content. */
export interface Generation<T> {
  /** Format of the value. */
  version: number;
  /** Ids of the latest changes that are in it. */
  ops: string[];
  value: T;
}

export interface Format<T> {
  /** What this program writes. */
  version: number;
  schema: z.ZodType<T>;
  /** From version N to N + 1, by N; pure. */
  migrations: Readonly<Record<number, (value: unknown) => unknown>>;
  /** The value before anything is written; `lost` where damaged files are all that is left. */
  initial(lost: boolean): T;
}

// The first files named no version.
const envelope = z.object({
  version: z.number().int().min(1).default(1),
  ops: z.unknown().optional(),
  value: z.unknown().optional(),
});
const opsSchema = z.array(z.string());

/**
 * Reads one file; undefined where it is damaged. Of a newer format it gives what is understood, however little: that
 * is not damage.
 */
export function readGeneration<T>(text: string, format: Format<T>): Generation<T> | undefined {
  const file = envelope.safeParse(parseJson(text)).data;
  if (!file) return undefined;
  const { version } = file;
  const ops = opsSchema.safeParse(file.ops).data;
  if (version > format.version) {
    const value = format.schema.safeParse(file.value).data ?? format.initial(false);
    return { version, ops: ops ?? [], value };
  }
  const value = format.schema.safeParse(migrated(file.value, version, format)).data;
  return ops && value !== undefined ? { version, ops, value } : undefined;
}

function migrated<T>(value: unknown, version: number, { version: now, migrations }: Format<T>): unknown {
  let current = value;
  for (let step = version; step < now; step++) current = migrations[step]?.(current) ?? current;
  return current;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
