import { Publishing } from '../../src/actions/issue/publishing';
import type { Issue } from '../../src/model/task/issue';
import type { Session } from '../../src/model/session/session';
import type { Task } from '../../src/model/task/task';
import { emptySnapshot } from '../../src/model/task/task';
import type { Jira } from '../../src/sources/jira/jira';
import { Ledger } from '../../src/state/ledger';
import { silentLog } from '../../src/util/log';
import { session, settings } from '../unit/model/examples';
import { LocalHost } from '../../src/hosts/local';
import { signedIn } from './signedIn';

/** One person's program: a connection, a ledger, and the verbs over both. */
export interface Client {
  jira: Jira;
  ledger: Ledger;
  publishing: Publishing;
  /** Ids of issues that it told the poll about. */
  edits: string[];
  /** The issues as a search brings them. */
  issues(): Promise<Issue[]>;
  dispose(): void;
}

export interface ClientOptions {
  url: string;
  deployment: 'cloud' | 'dataCenter';
  user?: string;
  /** Of its state. */
  folder: string;
  tasks?: readonly Task[];
  /** Of one answer: only where one fails to come. */
  timeoutMs?: number;
}

export async function makeClient({
  url,
  deployment,
  user,
  folder,
  tasks = [],
  timeoutMs,
}: ClientOptions): Promise<Client> {
  const jira = await signedIn({ url, deployment, user }, timeoutMs === undefined ? {} : { timeoutMs });
  const ledger = new Ledger(folder);
  const edits: string[] = [];
  const host = new LocalHost({ name: 'laptop', settings: settings().local, log: silentLog, env: {} });
  const publishing = new Publishing({
    hosts: [host],
    store: { snapshot: { ...emptySnapshot, tasks: [...tasks] } },
    account: {
      state: { signedIn: true, url: jira.connection.baseUrl },
      jira: () => Promise.resolve(jira),
      noteEdit: (id) => edits.push(id),
    },
    ledger,
    log: silentLog,
  });
  return {
    jira,
    ledger,
    publishing,
    edits,
    issues: async () => (await jira.search('project = PAY ORDER BY key ASC')).items,
    dispose: () => {
      jira.close();
      host.dispose();
    },
  };
}

/** What the tests publish. */
export const linked: Session = session({
  directory: '/srv/platform',
  branch: 'task/PAY-1-analysis',
  evidence: 'ledger',
  key: 'PAY-1',
});
