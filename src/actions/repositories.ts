import type { Host } from '../hosts/host';
import { errorLine, isCancelled } from '../model/errors';
import { projectOf } from '../model/names';
import type { Issue } from '../model/task/issue';
import {
  branchFor,
  repositoryFor,
  type Place,
  type RepositoryAnswer,
  type WorkspaceRepository,
} from '../model/task/repository';
import type { Settings } from '../model/settings';
import type { BranchReading, Task } from '../model/task/task';
import type { BranchReader } from '../sources/git/branches';
import type { BranchSource } from './store';

/** The choice among several repositories for a project, kept between windows. */
export interface RepositoryMemory {
  get(project: string): string | undefined;
  set(project: string, choice: string): Promise<void>;
}

export interface RepositoriesOptions {
  settings: Settings;
  /** This machine's first. */
  hosts: readonly Host[];
  /** Repositories that the workspace has open, read anew when folders change. */
  workspace: () => Promise<readonly WorkspaceRepository[]>;
  reader: BranchReader;
  memory: RepositoryMemory;
  /** False in restricted mode: then no repository is asked. */
  trusted: () => boolean;
}

/** What of a task says which branch it has. */
type Named = Pick<Issue, 'key' | 'claims'>;

/** Which repository holds a task's branch, where it lies, and what it has of the branch. */
export class Repositories implements BranchSource {
  constructor(private readonly options: RepositoriesOptions) {}

  names(issues: readonly Named[]): Map<string, string> {
    const names = new Map<string, string>();
    for (const issue of issues) {
      const recorded = issue.claims.findLast((claim) => claim.branch !== undefined)?.branch;
      const branch = branchFor(issue.key, recorded, this.options.settings.branchPattern);
      if (branch !== undefined) names.set(issue.key, branch);
    }
    return names;
  }

  async read(issues: readonly Named[], signal?: AbortSignal): Promise<Map<string, BranchReading>> {
    if (!this.options.trusted()) return new Map();
    const workspace = await this.options.workspace();
    const branches = this.names(issues);
    const readings = new Map<string, BranchReading>();
    const groups = new Map<string, { places: readonly Place[]; keys: string[] }>();
    for (const { key } of issues) {
      const answer = this.answer(key, workspace);
      if (answer.kind === 'none') readings.set(key, { docs: [], error: `${answer.reason} ${answer.next}` });
      else if (answer.kind === 'ambiguous')
        readings.set(key, {
          docs: [],
          error: 'Several repositories are open. Check Out Task Branch asks for the one.',
        });
      else {
        const id = answer.places.map((place) => `${place.host}:${place.directory}`).join('\n');
        const group = groups.get(id) ?? { places: answer.places, keys: [] };
        group.keys.push(key);
        groups.set(id, group);
      }
    }
    await Promise.all(
      [...groups.values()].map(async ({ places, keys }) => {
        for (const [key, reading] of await this.readGroup(places, keys, branches, signal))
          readings.set(key, reading);
      }),
    );
    return readings;
  }

  /** The repository of a task, or the choices; a choice is remembered for the project. */
  async repository(key: string): Promise<RepositoryAnswer> {
    return this.answer(key, await this.options.workspace());
  }

  choose(key: string, name: string): Promise<void> {
    return this.options.memory.set(projectOf(key), name);
  }

  host(name: string): Host | undefined {
    return this.options.hosts.find((host) => host.name === name);
  }

  /** Where the branch of a task was read: host and place. */
  placeOf(task: Task): { host: Host; place: Place } | undefined {
    const { checkout } = task;
    const host = checkout && this.host(checkout.host);
    return (
      host && {
        host,
        place: { name: checkout.repository, host: checkout.host, directory: checkout.directory },
      }
    );
  }

  /** Every place that a listed task's repository lies at, once. */
  async places(keys: readonly string[]): Promise<Place[]> {
    const workspace = await this.options.workspace();
    const places = new Map<string, Place>();
    for (const key of keys) {
      const answer = this.answer(key, workspace);
      if (answer.kind === 'found')
        for (const place of answer.places) places.set(`${place.host}:${place.directory}`, place);
    }
    return [...places.values()];
  }

  private answer(key: string, workspace: readonly WorkspaceRepository[]): RepositoryAnswer {
    const { settings, hosts, memory } = this.options;
    const remembered = memory.get(projectOf(key));
    return repositoryFor({
      key,
      settings,
      localHost: hosts[0]?.name ?? '',
      workspace,
      ...(remembered !== undefined && { remembered }),
    });
  }

  /** The nearest place first; only what it does not have is asked of the next one. */
  private async readGroup(
    places: readonly Place[],
    keys: readonly string[],
    branches: ReadonlyMap<string, string>,
    signal?: AbortSignal,
  ): Promise<Map<string, BranchReading>> {
    const readings = new Map<string, BranchReading>();
    let wanted = keys.flatMap((key) => {
      const branch = branches.get(key);
      return branch === undefined ? [] : [{ key, branch }];
    });
    for (const place of places) {
      const host = this.host(place.host);
      if (!host || wanted.length === 0) continue;
      try {
        const found = await this.options.reader.read(host, place, wanted, this.options.settings.docs, signal);
        for (const [key, reading] of found)
          if (reading.branch || !readings.get(key)?.error) readings.set(key, reading);
      } catch (error) {
        if (isCancelled(error)) throw error;
        for (const { key } of wanted)
          if (!readings.has(key)) readings.set(key, { docs: [], error: errorLine(error) });
      }
      wanted = wanted.filter(({ key }) => !readings.get(key)?.branch);
    }
    return readings;
  }
}
