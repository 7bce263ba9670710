import type { Host } from '../../hosts/host';
import { redirectedLink, taskLink } from '../../model/links/deepLink';
import { placeFor } from '../../model/links/recordPlace';
import { webTerminalUrl } from '../../model/links/webTerminal';
import { isCancelled } from '../../model/errors';
import { projectOf, terminalName } from '../../model/names';
import type { SessionFields } from '../../model/record/linkRecord';
import type { RunOrder } from '../../model/run/order';
import type { Settings } from '../../model/settings';
import type { WantedRecord } from '../../sources/jira/records/write';

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
    const forge = Object.values(settings.repositories).find(({ projects }) =>
      projects.includes(projectOf(order.key)),
    )?.forge;
    const terminal = terminalName(order.sessionId, issueKey);
    const webTerminal = webTerminalUrl(host?.settings.webTerminal, {
      name: terminal,
      session: order.sessionId,
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
        remoteUrl: host && (await this.remoteUrl(host, order, signal)),
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
      asked = host
        .run(['git', '-C', repository, 'config', '--get', `remote.${remote}.url`], {
          timeoutMs: 10_000,
          maxBytes: 65_536,
          ...(signal && { signal }),
        })
        .then(({ code, stdout }) => (code === 0 ? stdout.toString().trim() : undefined));
      this.remotes.set(place, asked);
    }
    return asked.catch((error: unknown) => {
      this.remotes.delete(place);
      if (isCancelled(error)) throw error;
      return undefined;
    });
  }
}
