import { pathToFileURL } from 'node:url';
import type { Peer } from './peer';

interface Sdk {
  listSessions(): Promise<unknown[]>;
}

/** The vendor's own listing of every session. */
export const sdk: Peer = async ({ sdk = '' }, measure) => {
  const { listSessions } = (await import(pathToFileURL(sdk).href)) as Sdk;
  await measure('cold', async () => ({ sessions: (await listSessions()).length }));
};
