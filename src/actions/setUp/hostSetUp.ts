import { join } from 'node:path';
import type { Host } from '../../hosts/host';
import { hostNamed } from '../../hosts/hosts';
import { UserError } from '../../model/errors';
import { projectOf } from '../../model/names';
import type { Settings } from '../../model/settings';
import type { Place } from '../../model/task/repository';
import { chooseRemote, groundTrouble, lookAtGround, tryPush } from '../../runs/preflight';
import { findClaude } from '../../sources/claude/launch/findClaude';
import { gitVersion } from '../../sources/git/version';
import { attempt, type Check } from '../doctor/check';
import type { Repositories } from '../repositories';
import type { SnapshotStore } from '../store';
import type { TerminalActions } from '../terminals';
import { installSkill, isTheirs, lookAtSkill, removeSkill, skillName, type SkillChoice } from './skill';
import type { SkillFile, SkillPlan } from './skill';

export interface HostSetUpOptions {
  settings: Settings;
  hosts: readonly Host[];
  repositories: Pick<Repositories, 'repository'>;
  terminals: Pick<TerminalActions, 'on'>;
  store: Pick<SnapshotStore, 'snapshot'>;
  /** The folder of our own copy of the skill. */
  skill: string;
}

/** Prepares hosts for the way back from a session, and says what else they lack. */
export class HostSetUp {
  constructor(private readonly options: HostSetUpOptions) {}

  /** What the skill runs, for whoever asks on this machine without it. */
  get script(): string {
    return join(this.options.skill, 'request.sh');
  }

  /** Throws UserError where no host of yours has that name; `local` is this machine. */
  host(name: string): Host {
    return hostNamed(this.options.hosts, name);
  }

  /** How the skill stands on the host. Changes nothing. */
  plan(host: Host, signal?: AbortSignal): Promise<SkillPlan> {
    return lookAtSkill(host, this.options.skill, signal);
  }

  install(host: Host, plan: SkillPlan, choice?: SkillChoice): Promise<SkillFile[]> {
    return installSkill(host, plan, choice);
  }

  remove(host: Host, plan: SkillPlan, choice?: SkillChoice): Promise<SkillFile[]> {
    return removeSkill(host, plan, choice);
  }

  /** One line of `doctor`: a host without the skill lacks nothing that it needs. */
  skillCheck(host: Host, signal?: AbortSignal): Promise<Check> {
    const check = `skill on ${host.name}`;
    return attempt(check, async () => {
      const plan = await this.plan(host, signal);
      const isMissing = plan.files.every(({ state }) => state === 'absent');
      const trouble = plan.files.find(({ state }) => state !== 'current');
      if (trouble && !isMissing)
        throw new UserError(`${trouble.path} ${stateWords[trouble.state]}`, setUpHint(host));
      return isMissing
        ? `not installed, so no conversation there asks for approval by /${skillName}. ${setUpHint(host)}`
        : `/${skillName} in ${plan.folder}`;
    });
  }

  /** What sessions and runs need there. Asks the remotes whether they would take a push, and pushes nothing. */
  async checks(host: Host, signal?: AbortSignal): Promise<Check[]> {
    const { terminals } = this.options;
    const on = (what: string): string => `${what} on ${host.name}`;
    const places = await this.places(host);
    return Promise.all([
      attempt(on('claude'), async () => {
        const found = await findClaude(host, signal);
        if (found.kind === 'found') return `${found.path} ${found.version}`;
        throw new UserError(
          found.kind === 'missing' ? 'not found' : `${found.path}: ${found.kind}`,
          found.next,
        );
      }),
      attempt(on('git'), () => gitVersion(host, signal)),
      attempt(on('terminals'), async () => (await terminals.on(host)).kind),
      ...places.map((place) => attempt(on(place.directory), () => this.ground(host, place, signal))),
    ]);
  }

  private async ground(host: Host, place: Place, signal: AbortSignal | undefined): Promise<string> {
    const asked = { ...(signal && { signal }) };
    const { configFile: sshConfigFile } = this.options.settings.ssh;
    const ground = await lookAtGround(host, place, asked);
    const trouble = groundTrouble(ground, host.name);
    if (trouble) throw trouble;
    const remote = chooseRemote(ground, place);
    await tryPush(host, place, {
      remote,
      branch: 'task-sessions/set-up',
      commit: 'HEAD',
      ...asked,
      ...(sshConfigFile && { sshConfigFile }),
    });
    return `commits as ${ground.identity}, may push to ${remote} by itself`;
  }

  /** The repositories that tasks have there. */
  private async places(host: Host): Promise<Place[]> {
    const { settings, store, repositories } = this.options;
    const named = Object.values(settings.repositories).flatMap(({ projects }) => projects);
    const listed = store.snapshot.tasks.map(({ key }) => projectOf(key));
    const projects = new Set([...named, ...listed]);
    const found = new Map<string, Place>();
    for (const project of projects.size > 0 ? projects : ['ANY']) {
      const answer = await repositories.repository(`${project}-1`);
      if (answer.kind !== 'found') continue;
      for (const place of answer.places) if (place.host === host.name) found.set(place.directory, place);
    }
    return [...found.values()];
  }
}

/** A file's state, after its path. */
export const stateWords: Readonly<Record<SkillFile['state'], string>> = {
  absent: 'is not there',
  current: 'is current',
  older: 'is of an earlier version',
  changed: 'was edited since it was installed',
  foreign: 'is not ours',
};

const setUpHint = (host: Host): string =>
  `Set Up This Host, or task-sessions set-up${host.local ? '' : ` --host ${host.name}`}.`;

/** What installing would do to a file, in words, before its path. */
export function intent(file: SkillFile): string {
  switch (file.state) {
    case 'absent':
      return 'write';
    case 'current':
      return 'keep';
    case 'older':
      return 'update';
    case 'changed':
    case 'foreign':
      return 'overwrite';
  }
}

/** Files that somebody else would lose. */
export const theirs = ({ files }: SkillPlan): SkillFile[] => files.filter(isTheirs);
