import type { Host } from '../../../hosts/host';
import { UserError } from '../../../model/errors';
import type { Settings } from '../../../model/settings';
import type { Place } from '../../../model/task/repository';
import { RepositoryChoiceNeeded } from '../../checkouts';
import type { Repositories } from '../../repositories';

/** Where a run works: a host, and the task's repository there. */
export interface RunPlace {
  host: Host;
  place: Place;
}

export interface PlacesOptions {
  settings: Pick<Settings, 'defaultHost'>;
  repositories: Pick<Repositories, 'repository' | 'host'>;
  /** A host by its name; throws where there is none. */
  host(name: string): Host;
}

/** Every place of the task's repository on a host that we know, the nearest first. Throws UserError where there is none. */
export async function placesFor(
  { repositories }: Pick<PlacesOptions, 'repositories'>,
  key: string,
): Promise<RunPlace[]> {
  const answer = await repositories.repository(key);
  switch (answer.kind) {
    case 'none':
      throw new UserError(answer.reason, answer.next);
    case 'ambiguous':
      throw new RepositoryChoiceNeeded(key, answer.choices);
    case 'found':
      return answer.places.flatMap((place) => {
        const host = repositories.host(place.host);
        return host ? [{ host, place }] : [];
      });
  }
}

/** Where a run for the task is to work: on `wanted`, else `defaultHost`, else `liked`, else where its repository is found first. */
export async function choosePlace(
  options: PlacesOptions,
  key: string,
  wanted?: string,
  liked?: string,
): Promise<RunPlace> {
  const places = await placesFor(options, key);
  const name = wanted ?? options.settings.defaultHost;
  if (name === '') {
    const first = places.find(({ host }) => host.name === liked) ?? places[0];
    if (first) return first;
    throw new UserError(
      `The repository of ${key} is on no host of yours.`,
      'Set its directory in taskSessions.repositories, or on a host.',
    );
  }
  const host = options.host(name);
  const found = places.find((one) => one.host === host);
  if (found) return found;
  throw new UserError(
    `The repository of ${key} is not known on ${host.name}.`,
    `Set taskSessions.${host.local ? 'local' : `hosts.${host.name}`}.repository${places.length > 0 ? `, or start it on ${places.map((one) => one.host.name).join(' or ')}` : ''}.`,
  );
}
