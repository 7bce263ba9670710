import { homedir } from 'node:os';
import { join } from 'node:path';
import { JiraAccount } from './actions/account';
import { Checkouts } from './actions/checkouts';
import { Continuing } from './actions/session/continuing';
import { Conversations } from './actions/session/conversations';
import { Documents } from './actions/documents';
import { adjustments } from './actions/gate/adjustments';
import { Requests } from './actions/gate/requests';
import { RemoteBranches } from './actions/gate/approval/remoteBranch';
import { Approving } from './actions/gate/approving';
import { Reviewing } from './actions/gate/reviewing';
import { IssueWriter } from './actions/issue/issueWriter';
import { Publishing } from './actions/issue/publishing';
import { RunPlaces } from './actions/issue/runPlaces';
import { RunRecords } from './actions/issue/runRecords';
import { StatusMoves } from './actions/issue/statusMoves';
import { LedgerRecovery } from './actions/ledgerRecovery';
import { personalDebts } from './actions/owed/personalDebts';
import { PullRequests } from './actions/pullRequests';
import { Repositories, type RepositoryMemory } from './actions/repositories';
import { RunLogs } from './actions/run/runLogs';
import { runFolders } from './actions/run/runFolders';
import { Settling } from './actions/run/settling';
import { Starts, type StartsOptions } from './actions/run/starts';
import { Stopping } from './actions/run/stopping';
import { HostSetUp } from './actions/setUp/hostSetUp';
import { Ending } from './actions/session/ending';
import { Keeping } from './actions/session/keeping';
import { Linking } from './actions/session/linking';
import { Telling } from './actions/run/telling';
import { Sessions } from './actions/session/sessions';
import { SnapshotStore, type ReportSource } from './actions/store';
import { Tasks } from './actions/tasks';
import { TerminalActions } from './actions/terminals';
import { Workflow } from './actions/workflow';
import { scrubbedEnv } from './hosts/environment';
import { createHosts } from './hosts/hosts';
import { keepAlive } from './hosts/terminals/keepAlive';
import type { WorkspaceRepository } from './model/task/repository';
import type { Settings } from './model/settings';
import { ClaudeSource } from './sources/claude/hostReport';
import { createBranchReader } from './sources/git/branches';
import { createFetcher } from './sources/git/fetch';
import { findRepositories } from './sources/git/workspace';
import { Credentials, type Secrets } from './sources/jira/credentials';
import { jiraHost } from './sources/jira/connection';
import { GitCredentials } from './sources/jira/gitCredentials';
import { WebhookAddresses, type AddressStore } from './sources/webhooks/addresses';
import { stateDirectory } from './state/directories';
import { Ledger } from './state/ledger';
import { SnapshotCache } from './state/snapshotCache';
import { ToldOnce } from './state/toldOnce';
import { Disposables } from './util/disposable';
import type { Log } from './util/log';
import { Turns } from './util/turns';

export interface AppOptions {
  settings: Settings;
  log: Log;
  env: NodeJS.ProcessEnv;
  /** VS Code's secret storage; the command line has none. */
  secrets?: Secrets;
  /** The same, for the addresses of webhooks. */
  webhookSecrets?: AddressStore;
  /** Where the user signed in last, where the setting names no address. */
  jiraUrl?: string;
  rememberUrl?(url: string): Promise<void>;
  /** `dist/supervisor.js`. */
  supervisor: string;
  /** Open folders, now. */
  folders(): readonly string[];
  repositoryMemory: RepositoryMemory;
  /** False in restricted mode: then nothing is spawned. */
  trusted(): boolean;
}

export type App = ReturnType<typeof createApp>;

/** Constructs and wires everything, and does no I/O. */
export function createApp(options: AppOptions) {
  const { settings, log, env, trusted } = options;
  const owned = new Disposables();
  const state = stateDirectory(env);
  const ledger = new Ledger(state, { log });

  const hosts = createHosts(settings, log, { env });
  for (const host of hosts) owned.add(host);
  const localHost = hosts[0]!;

  const url = settings.jira.url || (options.jiraUrl ?? '');
  const { secrets, rememberUrl } = options;
  const account = owned.add(
    new JiraAccount({
      settings,
      url,
      log,
      credentials: new Credentials({
        // The environment's token is for the configured Jira, not for whatever was typed the last time.
        url: settings.jira.url,
        email: settings.jira.email,
        env,
        log,
        ...(secrets && { store: secrets }),
        // Git's helper is a program: in restricted mode it is not started.
        ...(trusted() && { git: new GitCredentials({ env, log }) }),
      }),
      storesSecrets: secrets !== undefined,
      rememberUrl: rememberUrl ?? (() => Promise.resolve()),
      ...gatewayOf(env),
    }),
  );

  const fetcher = owned.add(createFetcher({ sshConfigFile: settings.ssh.configFile }));
  const reader = createBranchReader();
  const repositories = new Repositories({
    settings,
    hosts,
    trusted,
    workspace: async (): Promise<readonly WorkspaceRepository[]> => {
      const reading = await findRepositories(localHost, options.folders());
      for (const { folder, error } of reading.problems) log.warn(`${folder}: ${error}`);
      return reading.repositories;
    },
    reader,
    memory: options.repositoryMemory,
  });

  const { supervisor } = options;
  const terminals = new TerminalActions(
    hosts,
    keepAlive({ mode: settings.terminal.keepAlive, supervisor, env }),
  );
  const reports = new Map(
    hosts.map((host) => {
      const { configDir } = host.settings;
      return [host.name, new ClaudeSource(host, { log, ...(configDir && { configDir }) })] as const;
    }),
  );
  const reportSources = hosts.map((host): ReportSource => ({
    name: host.name,
    local: host.local,
    names: [host.name, ...(host.local ? ['local'] : []), ...host.settings.aliases],
    webTerminal: host.settings.webTerminal,
    report: async (signal) => (trusted() ? reports.get(host.name)!.report(signal) : undefined),
    wake: () => host.wake?.(),
  }));

  const store = owned.add(
    new SnapshotStore(
      settings,
      {
        issues: account,
        hosts: reportSources,
        branches: repositories,
        ledger,
        cache: new SnapshotCache(state, () => `${account.address}\n${settings.jira.jql}`),
        supervised: async (signal) => (trusted() ? terminals.supervised(signal) : []),
      },
      log,
    ),
  );

  const documents = new Documents(store, repositories);
  const reviewing = new Reviewing({ store, ledger, repositories, account });
  const checkouts = new Checkouts(repositories, fetcher, ledger, settings, scrubbedEnv(env), () =>
    jiraHost(account.state.url),
  );
  const tasks = new Tasks(store, account);
  const workflow = new Workflow({ settings, account });
  const linking = new Linking({ store, account, ledger });
  const webhookAddresses = new WebhookAddresses(env, options.webhookSecrets);
  const telling = new Telling({ settings, addresses: webhookAddresses, env, log });
  const issueWriter = new IssueWriter({ hosts, store, account, log });
  const publishing = new Publishing({ hosts, store, account, ledger, log }, issueWriter);
  const ledgerRecovery = new LedgerRecovery({
    settings,
    store,
    account,
    repositories,
    reports: reportSources,
    ledger,
    log,
    env: scrubbedEnv(env),
  });
  const ending = new Ending({ reports: reportSources, terminals });
  const everything = { settings, hosts, reports: reportSources, store, account, terminals, ledger };
  const sessions = new Sessions(everything);
  const continuing = new Continuing({ checkouts, sessions, publishing, ledger, settings });
  const adjusted = adjustments(
    { ...everything, sessions, checkouts, continuing, env: scrubbedEnv(env) },
    issueWriter,
  );
  const keeping = new Keeping(hosts);
  const conversations = new Conversations({ hosts, reports: reportSources, store });
  const runPlaces = new RunPlaces({ hosts, settings });
  const records = new RunRecords({ hosts, store, account, ledger, log, places: runPlaces }, issueWriter);
  const statuses = new StatusMoves({ settings, ledger, log }, issueWriter);
  const starting: StartsOptions = {
    settings,
    hosts,
    reports: reportSources,
    host: (name) => terminals.host(name),
    repositories,
    account,
    ledger,
    terminals,
    records,
    statuses,
    turns: new Turns(),
    promptFolder: join(__dirname, '../media/prompts'),
    home: env['HOME'] || homedir(),
  };
  const analyses = new Starts('analysis', starting);
  const implementations = new Starts('implementation', starting);
  const { links, messages, debts } = personalDebts(
    { ...everything, log, moves: statuses, told: new ToldOnce(state), telling },
    issueWriter,
  );
  const pullRequests = new PullRequests({ settings, repositories, fetcher, ledger }, links, issueWriter);
  const runLogs = new RunLogs(hosts);
  const settling = new Settling({
    store,
    account,
    ledger,
    records,
    moves: statuses,
    publishing,
    telling,
    folders: runFolders(hosts),
    log,
  });
  const gate = new Approving({
    settings,
    account,
    store,
    branches: new RemoteBranches({ settings, repositories, reader, fetcher }),
    writer: issueWriter,
    messages,
  });
  const requests = new Requests({ ...everything, telling, moves: statuses, log }, issueWriter);
  const stopping = new Stopping(hosts);
  const hostSetUp = new HostSetUp({
    settings,
    hosts,
    repositories,
    terminals,
    store,
    skill: join(__dirname, '../media/skill/request-approval'),
  });

  return {
    settings,
    log,
    hosts,
    reports: reportSources,
    ledger,
    ledgerRecovery,
    account,
    repositories,
    store,
    tasks,
    documents,
    reviewing,
    gate,
    checkouts,
    ending,
    sessions,
    continuing,
    ...adjusted,
    linking,
    publishing,
    webhookAddresses,
    telling,
    keeping,
    conversations,
    analyses,
    implementations,
    runLogs,
    settling,
    debts,
    requests,
    stopping,
    hostSetUp,
    terminals,
    workflow,
    pullRequests,
    fetcher,
    dispose: () => owned.dispose(),
  };
}

/** Another place for scoped tokens than Atlassian's, for tests: on this machine, or not at all. */
function gatewayOf(env: NodeJS.ProcessEnv): { gatewayUrl?: string } {
  const gatewayUrl = env.TASK_SESSIONS_GATEWAY_URL;
  return gatewayUrl !== undefined && /^https?:\/\/127\.0\.0\.1(?::\d+)?(?:\/|$)/.test(gatewayUrl)
    ? { gatewayUrl }
    : {};
}
