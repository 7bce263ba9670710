import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RemoteBranches, type RemoteBranch } from '../../../src/actions/gate/approval/remoteBranch';
import { Approving, type ApprovingOptions } from '../../../src/actions/gate/approving';
import { IssueWriter } from '../../../src/actions/issue/issueWriter';
import { ApprovalMessages } from '../../../src/actions/owed/approvalMessages';
import { DebtPayer } from '../../../src/actions/owed/debts';
import { Repositories } from '../../../src/actions/repositories';
import { Telling } from '../../../src/actions/run/telling';
import type { Host } from '../../../src/hosts/host';
import type { Settings } from '../../../src/model/settings';
import { emptySnapshot, type Task } from '../../../src/model/task/task';
import { createBranchReader } from '../../../src/sources/git/branches';
import { createFetcher } from '../../../src/sources/git/fetch';
import type { Jira } from '../../../src/sources/jira/jira';
import { WebhookAddresses } from '../../../src/sources/webhooks/addresses';
import { Ledger } from '../../../src/state/ledger';
import { ToldOnce } from '../../../src/state/toldOnce';
import { silentLog } from '../../../src/util/log';
import type { Workflow } from '../../jira/entities';
import { recordBody, type DemoRecord } from '../../jira/demo/records';
import type { Jira as Simulator } from '../../jira/simulator';
import { riskField } from '../../jira/defaults';
import { toWiki } from '../../jira/text/wiki';
import { settings } from '../../unit/model/examples';
import { passing, type Through } from '../settling/settlingBed';
import { signedIn } from '../signedIn';

export const key = 'PAY-1';
export const branch = `task/${key}-analysis`;

/** A workflow with names of its own, whose way to the approval asks for a risk and a rationale. */
export const workflow = (): Workflow => ({
  statuses: [
    { id: '1', name: 'Offen', category: 'new' },
    { id: '2', name: 'Analyse', category: 'indeterminate' },
    { id: '3', name: 'Sichtung', category: 'indeterminate' },
    { id: '4', name: 'Freigegeben', category: 'indeterminate' },
    { id: '5', name: 'Umsetzung', category: 'indeterminate' },
    { id: '6', name: 'Erledigt', category: 'done' },
  ],
  transitions: [
    { id: '11', name: 'Analysieren', to: 'Analyse' },
    { id: '21', name: 'Vorlegen', to: 'Sichtung' },
    {
      id: '31',
      name: 'Freigeben',
      to: 'Freigegeben',
      from: ['Sichtung'],
      screen: [
        riskField,
        {
          key: 'customfield_10051',
          name: 'Rationale',
          required: true,
          schema: {
            type: 'string',
            custom: 'com.atlassian.jira.plugin.system.customfieldtypes:textarea',
            customId: 10051,
          },
        },
        {
          key: 'customfield_10052',
          name: 'Team',
          required: true,
          hasDefault: true,
          schema: { type: 'string' },
        },
      ],
    },
    { id: '41', name: 'Umsetzen', to: 'Umsetzung' },
    { id: '51', name: 'Erledigen', to: 'Erledigt' },
  ],
});

export const phases = {
  backlog: 'Offen',
  analyzing: 'Analyse',
  awaitingReview: 'Sichtung',
  approved: 'Freigegeben',
  implementing: 'Umsetzung',
  done: 'Erledigt',
};

export const fields = { customfield_10050: 'High', customfield_10051: 'It is needed.\nWe looked at it.' };

/** One person's program. */
export interface Approver {
  gate: Approving;
  debts: DebtPayer;
  ledger: Ledger;
  jira: Jira;
  settings: Settings;
  dispose(): void;
}

export interface ApproverOptions {
  url: string;
  deployment: 'cloud' | 'dataCenter';
  user?: string;
  phases?: Settings['phases'];
  approvers?: string[];
  /** What the snapshot has of the task. */
  task?: Task;
  /** Address of a webhook that takes JSON. */
  webhook?: string;
  /** The repository as it lies on a host; or what its branch is like. */
  repository: { host: Host; directory: string } | RemoteBranch;
  /** Of its ledger, which other windows share; default one of its own. */
  state?: string;
  now?(): number;
  /** Stands before every call to Jira, and decides whether it comes to that. */
  through?: Through;
}

export async function makeApprover(options: ApproverOptions): Promise<Approver> {
  const { webhook, task, repository } = options;
  const real = await signedIn(options);
  const jira = options.through ? passing('jira', real, options.through) : real;
  const config = settings({
    phases: options.phases ?? phases,
    approvers: options.approvers ?? [],
    webhooks: webhook === undefined ? {} : { hook: { kind: 'json', events: ['approved'] } },
    ...('host' in repository && { repositories: { platform: { directory: repository.directory } } }),
  });
  const fetcher = createFetcher();
  const account = {
    state: { signedIn: true, url: real.connection.baseUrl },
    jira: () => Promise.resolve(jira),
    noteEdit: () => undefined,
  };
  const store = { snapshot: { ...emptySnapshot, tasks: task ? [task] : [] } };
  const state = options.state ?? mkdtempSync(join(tmpdir(), 'approver-'));
  const ledger = new Ledger(state);
  const { now = Date.now } = options;
  const messages = new ApprovalMessages({
    settings: config,
    account,
    store,
    ledger,
    told: new ToldOnce(state),
    telling: new Telling({
      settings: config,
      addresses: new WebhookAddresses(
        {},
        { get: async () => webhook, set: async () => {}, delete: async () => {} },
      ),
      env: {},
      log: silentLog,
      times: { pauseMs: 1 },
    }),
    now,
  });
  const gate = new Approving({
    settings: config,
    account,
    store,
    branches: 'host' in repository ? branchesOn(repository.host) : fixedBranch(repository),
    writer: new IssueWriter({ hosts: [], store, account, log: silentLog }),
    messages,
  });
  return {
    gate,
    debts: new DebtPayer([messages], { account, now }),
    ledger,
    jira: real,
    settings: config,
    dispose: () => {
      real.close();
      fetcher.dispose();
      if (options.state === undefined) rmSync(state, { recursive: true, force: true });
    },
  };

  function branchesOn(host: Host): RemoteBranches {
    const reader = createBranchReader();
    const repositories = new Repositories({
      settings: config,
      hosts: [host],
      workspace: () => Promise.resolve([]),
      reader,
      memory: { get: () => undefined, set: () => Promise.resolve() },
      trusted: () => true,
    });
    return new RemoteBranches({ settings: config, repositories, reader, fetcher });
  }
}

const fixedBranch = (read: RemoteBranch): ApprovingOptions['branches'] => ({
  read: () => Promise.resolve(read),
  since: () => Promise.resolve({ commits: [], total: 0 }),
  isAlone: () => Promise.resolve(true),
  remoteUrl: () => Promise.resolve('https://github.com/acme/platform.git'),
});

/** A branch as its remote might have it. */
export const remoteBranch = (commit = 'a'.repeat(40), blob = 'b'): RemoteBranch => ({
  branch,
  commit,
  docs: ['task_desc.md', 'critic.md'].map((name) => ({
    name,
    path: `docs/tasks/${key}/${name}`,
    blob: blob.repeat(40),
  })),
  missing: [],
  warnings: [],
});

/** The approval as anybody can write it by hand. */
export function approvalText(simulator: Simulator, { commit = '', docs }: RemoteBranch) {
  const record: DemoRecord = {
    title: 'Approved for Implementation',
    fields: [
      ['Branch', branch],
      ['Commit', commit],
      ...docs.map(({ path, blob }): [string, string] => ['Document', `${path} ${blob}`]),
    ],
    docs: [],
  };
  const body = recordBody(record, 'panel');
  return simulator.deployment === 'cloud' ? body : toWiki(body);
}
