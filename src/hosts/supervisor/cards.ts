import { randomBytes } from 'node:crypto';
import { link, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { isTerminalName } from '../../model/names';
import { endSchema } from './frames';

/** The file in which a supervisor says where it listens, and at its end how its process ended. */
const cardSchema = z.object({
  name: z.string().refine(isTerminalName),
  createdAt: z.number(),
  key: z.string().optional(),
  sessionId: z.string().optional(),
  /** Socket path or pipe name, and what has to be said there first. */
  address: z.string(),
  token: z.string(),
  ended: z.object({ at: z.number(), end: endSchema, text: z.string() }).optional(),
});
export type Card = z.infer<typeof cardSchema>;

export interface StoredCard extends Card {
  file: string;
  generation: number;
}

const dialMs = 2000;

interface CardFile {
  file: string;
  generation: number;
}

/** Every terminal's newest card; damaged ones are passed over. */
export async function readCards(folder: string): Promise<StoredCard[]> {
  const cards: StoredCard[] = [];
  for (const [name, { file, generation }] of await newestFiles(folder)) {
    const card = await readCard(file);
    if (card?.name === name) cards.push({ ...card, file, generation });
  }
  return cards;
}

/** By name of the terminal, readable or not. */
async function newestFiles(folder: string): Promise<Map<string, CardFile>> {
  const newest = new Map<string, CardFile>();
  for (const file of await readdir(folder).catch(() => [])) {
    const [, name = '', digits = ''] = /^(.+)\.g([0-9]{1,9})\.json$/.exec(file) ?? [];
    const generation = Number(digits);
    if (isTerminalName(name) && generation > (newest.get(name)?.generation ?? 0))
      newest.set(name, { file: join(folder, file), generation });
  }
  return newest;
}

async function readCard(file: string): Promise<Card | undefined> {
  try {
    return cardSchema.safeParse(JSON.parse(await readFile(file, 'utf8'))).data;
  } catch {
    return undefined;
  }
}

/**
 * Takes the name for `card`, or says who has it. Exclusive without a lock that could go stale: the next generation's file
 * can be linked into place by one alone, and the highest generation counts.
 */
export async function claim(
  folder: string,
  card: Card,
  { keepEnded = false }: { keepEnded?: boolean | undefined } = {},
): Promise<StoredCard | 'taken' | 'ended'> {
  for (;;) {
    const current = (await newestFiles(folder)).get(card.name);
    if (current && (await isServed(current.file))) return 'taken';
    if (keepEnded && current && (await readCard(current.file))) return 'ended';
    const generation = (current?.generation ?? 0) + 1;
    const file = join(folder, `${card.name}.g${generation}.json`);
    const temporary = await writeTemporary(folder, card);
    const isOurs = await link(temporary, file).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'EEXIST') return false;
        throw error;
      },
    );
    await rm(temporary, { force: true });
    if (!isOurs) continue;
    const highest = (await newestFiles(folder)).get(card.name);
    if (highest?.generation === generation) {
      if (current) await rm(current.file, { force: true });
      return { ...card, file, generation };
    }
    // A later one came while we thought that this generation was free.
    await rm(file, { force: true });
  }
}

export async function rewrite(folder: string, file: string, card: Card): Promise<void> {
  await rename(await writeTemporary(folder, card), file);
}

/** Removes what processes left that ended, or began and were killed, before `time`. */
export async function sweep(folder: string, time: number): Promise<void> {
  for (const { ended, createdAt, file } of await readCards(folder))
    if ((ended?.at ?? createdAt) < time && !(await isServed(file))) await rm(file, { force: true });
}

async function writeTemporary(folder: string, card: Card): Promise<string> {
  const file = join(folder, `.${randomBytes(8).toString('hex')}.tmp`);
  await writeFile(file, JSON.stringify(card), { mode: 0o600 });
  return file;
}

/** True if somebody listens there. A supervisor that was killed leaves its card and its socket, but nobody answers. */
async function isServed(file: string): Promise<boolean> {
  const card = await readCard(file);
  if (!card || card.ended) return false;
  try {
    const socket = await dial(card);
    socket?.destroy();
    return socket !== undefined;
  } catch {
    // Who does not answer may be there.
    return true;
  }
}

/** A connection to the supervisor of a card; undefined where there is none any more. Throws where nobody answers in time. */
export function dial(card: Card): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(card.address);
    const timer = setTimeout(() => socket.destroy(new Error('The supervisor does not answer.')), dialMs);
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(socket);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      if (['ECONNREFUSED', 'ENOENT', 'ENOTSOCK'].includes(error.code ?? '')) resolve(undefined);
      else reject(error);
    });
  });
}
