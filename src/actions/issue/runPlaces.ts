import type { Host } from '../../hosts/host';
import { redirectedLink, taskLink } from '../../model/links/deepLink';
import { placeFor } from '../../model/links/recordPlace';
import { webTerminalUrl } from '../../model/links/webTerminal';
import { isCancelled } from '../../model/errors';
import { projectOf, terminalName } from '../../model/names';
import type { SessionFields } from '../../model/record/linkRecord';
import type { RunOrder } from '../../model/run/order';
import type { Settings } from '../../model/settings';
import { normalizeRemote } from '../../model/task/repository';
import type { WantedRecord } from '../../sources/jira/records/write';
import { remoteUrl } from '../../sources/git/remoteUrl';

export interface RunPlacesOptions {
  hosts: readonly Host[];
  settings: Pick<Settings, 'repositories' | 'docs' | 'links'>;
}

/** What a record of a run shows besides the run: how its host is reached, pages of its branch, terminals in the browser. */
export class RunPlaces {
  private readonly remotes = new Map<string, Promise<string | undefined>>();

  constructor(private readonly options: RunPlacesOptions) {}

  /** `host` is our name of the run's host; `issueKey` is what the issue is called today. */
  async wanted(
    fields: SessionFields,
    { order, host: name, issueKey }: { order: RunOrder; host: string; issueKey: string },
    signal?: AbortSignal,
  ): Promise<WantedRecord> {
    const { hosts, settings } = this.options;
    const host = hosts.find((one) => one.name === name);
    const remoteUrl = host && (await this.remoteUrl(host, order, signal));
    const forge = repositoryOf(order, remoteUrl, host, settings)?.forge;
    const { sessionId } = fields;
    const terminal = terminalName(sessionId, issueKey);
    const webTerminal = webTerminalUrl(host?.settings.webTerminal, {
      name: terminal,
      session: sessionId,
      key: issueKey,
    });
    const editorUrl = redirectedLink(settings.links.redirect, taskLink('vscode', issueKey));
    return {
      fields: {
        ...fields,
        ...(webTerminal !== undefined && { webTerminal }),
        ...(editorUrl !== undefined && { editorUrl }),
      },
      place: placeFor({
        issueKey,
        host: host?.settings,
        remoteUrl,
        forge,
        branch: order.branch,
        commit: fields.commit,
        docsDirectory: order.docs.directory,
      }),
    };
  }

  /** Where the branch is pushed to; undefined where the host does not tell: then there are no links. */
  private remoteUrl(
    host: Host,
    { repository, remote }: RunOrder,
    signal?: AbortSignal,
  ): Promise<string | undefined> {
    const place = JSON.stringify([host.name, repository, remote]);
    let asked = this.remotes.get(place);
    if (!asked) {
      asked = remoteUrl(host, repository, remote, signal);
      this.remotes.set(place, asked);
    }
    return asked.catch((error: unknown) => {
      this.remotes.delete(place);
      if (isCancelled(error)) throw error;
      return undefined;
    });
  }
}

/** What is configured of the run's repository: by its remote, its directory, or its project, in this order. */
function repositoryOf(
  { key, repository }: RunOrder,
  remoteUrl: string | undefined,
  host: Host | undefined,
  { repositories }: Pick<Settings, 'repositories'>,
): Settings['repositories'][string] | undefined {
  const entries = Object.values(repositories);
  const url = remoteUrl === undefined ? undefined : normalizeRemote(remoteUrl);
  return (
    entries.find(({ remote }) => remote !== undefined && normalizeRemote(remote) === url) ??
    entries.find(({ directory }) => host?.local && directory === repository) ??
    entries.find(({ projects }) => projects.includes(projectOf(key))) ??
    entries.find(({ projects, remote }) => projects.length === 0 && remote === undefined)
  );
}
