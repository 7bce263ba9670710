import type {
  Body,
  ChangeItem,
  Comment,
  Filter,
  Issue,
  Permission,
  Project,
  RemoteLink,
  Status,
  Transition,
  User,
  Visibility,
  Workflow,
} from './entities';
import { Denials } from './denials';
import { defaultProjects, defaultUsers, defaultWorkflow } from './defaults';
import type { Clock } from './time';

export interface NewIssue {
  /** `PAY-12`; its project is made if it does not exist. Absent: the next number of `project`. */
  key?: string;
  project?: string;
  summary: string;
  description?: Body | null;
  status?: string;
  type?: string;
  priority?: string | null;
  assignee?: string | null;
  reporter?: string;
  labels?: string[];
  parent?: string;
  sprint?: Issue['sprint'];
  attachments?: Issue['attachments'];
  at?: number;
}

export interface NewComment {
  author: string | User;
  body: Body;
  at?: number;
  visibility?: Visibility;
  properties?: Record<string, unknown>;
}

export type FieldEdit = Partial<
  Pick<Issue, 'summary' | 'description' | 'priority' | 'assignee' | 'labels' | 'resolution'>
>;

/** Everything that the simulated Jira knows. Methods act at once and ask for no permission. */
export class JiraState {
  readonly users: User[];
  readonly projects: Project[];
  readonly filters: Filter[] = [];
  readonly issues: Issue[] = [];
  workflow: Workflow;
  private readonly denials = new Denials();
  /** What the search index still shows of an issue that changed less than the lag ago, oldest first. */
  private readonly stale = new Map<Issue, { until: number; shown: Issue | undefined }[]>();
  private readonly byKey = new Map<string, Issue>();
  private nextId = 10_001;

  constructor(
    readonly clock: Clock,
    /** How long search lags behind a change, ms. */
    private readonly searchLag: () => number,
    given: { users?: User[]; projects?: Project[]; workflow?: Workflow } = {},
  ) {
    this.users = given.users ?? defaultUsers();
    this.projects = given.projects ?? defaultProjects();
    this.workflow = given.workflow ?? defaultWorkflow();
  }

  /** By name, account id, key, e-mail or display name. */
  user(who: string | User): User {
    const user = typeof who === 'string' ? this.findUser(who) : who;
    if (!user) throw new Error(`The simulator has no user ${JSON.stringify(who)}.`);
    return user;
  }

  findUser(who: string): User | undefined {
    return this.users.find((u) => [u.name, u.accountId, u.key, u.email, u.displayName].includes(who));
  }

  /** From now on the token is as good as none. */
  revokeToken(value: string): void {
    for (const user of this.users) user.tokens = user.tokens.filter((token) => token.value !== value);
  }

  status(name: string): Status {
    const status = this.workflow.statuses.find((s) => s.name.toLowerCase() === name.toLowerCase());
    if (!status) throw new Error(`The simulator has no status ${name}.`);
    return status;
  }

  transitions(issue: Issue): Transition[] {
    return this.workflow.transitions.filter((t) =>
      t.from ? t.from.includes(issue.status.name) : t.to !== issue.status.name,
    );
  }

  /** By key (any case) or id. */
  issue(keyOrId: string): Issue {
    const issue = this.findIssue(keyOrId);
    if (!issue) throw new Error(`The simulator has no issue ${keyOrId}.`);
    return issue;
  }

  findIssue(keyOrId: string): Issue | undefined {
    return this.byKey.get(keyOrId.toUpperCase()) ?? this.byKey.get(`#${keyOrId}`);
  }

  addIssue(given: NewIssue): Issue {
    const projectKey = given.project ?? given.key?.replace(/-\d+$/, '') ?? this.projects[0]?.key ?? 'PAY';
    const project = this.ensureProject(projectKey);
    const at = given.at ?? this.clock.now();
    const issue: Issue = {
      id: String(this.nextId++),
      key: given.key ?? this.nextKey(project),
      project,
      type: given.type ?? 'Task',
      summary: given.summary,
      description: given.description ?? null,
      status: given.status ? this.status(given.status) : this.firstStatus(),
      priority: given.priority === undefined ? 'Medium' : given.priority,
      assignee: given.assignee ? this.user(given.assignee) : null,
      reporter: given.reporter ? this.user(given.reporter) : this.firstUser(),
      labels: given.labels ?? [],
      resolution: null,
      parent: given.parent ?? null,
      sprint: given.sprint ?? null,
      created: at,
      updated: at,
      comments: [],
      properties: new Map(),
      changes: [],
      remoteLinks: [],
      custom: new Map(),
      attachments: given.attachments ?? [],
    };
    if (this.searchLag() > 0) this.stale.set(issue, [{ until: at + this.searchLag(), shown: undefined }]);
    this.issues.push(issue);
    this.byKey.set(issue.key.toUpperCase(), issue).set(`#${issue.id}`, issue);
    return issue;
  }

  /** Moves the issue to another project: it keeps its id, and its old key leads to it. */
  moveIssue(key: string, project: string): Issue {
    const issue = this.issue(key);
    this.touch(issue);
    issue.project = this.ensureProject(project);
    issue.key = this.nextKey(issue.project);
    this.byKey.set(issue.key.toUpperCase(), issue);
    return issue;
  }

  addComment(key: string, given: NewComment): Comment {
    const issue = this.issue(key);
    const at = this.touch(issue, given.at);
    const author = this.user(given.author);
    const comment: Comment = {
      id: String(this.nextId++),
      author,
      updateAuthor: author,
      body: given.body,
      created: at,
      updated: at,
      ...(given.visibility ? { visibility: given.visibility } : {}),
      properties: new Map(Object.entries(given.properties ?? {})),
    };
    issue.comments.push(comment);
    return comment;
  }

  editComment(key: string, id: string, author: string | User, body: Body, at?: number): Comment {
    const issue = this.issue(key);
    const time = this.touch(issue, at);
    // A new object, so that what search still shows of the old one stays as it was.
    const index = issue.comments.findIndex((comment) => comment.id === id);
    const old = issue.comments[index];
    if (!old) throw new Error(`${key} has no comment ${id}.`);
    const edited = { ...old, body, updated: time, updateAuthor: this.user(author) };
    issue.comments[index] = edited;
    return edited;
  }

  deleteComment(key: string, id: string): void {
    const issue = this.issue(key);
    this.touch(issue);
    issue.comments = issue.comments.filter((comment) => comment.id !== id);
  }

  /** Moves the issue whatever the workflow offers, and writes the changelog. */
  setStatus(key: string, status: string, author: string | User, at?: number): void {
    const issue = this.issue(key);
    const to = this.status(status);
    const from = issue.status;
    const time = this.touch(issue, at);
    issue.status = to;
    this.log(issue, author, time, [
      { field: 'status', from: from.id, fromString: from.name, to: to.id, toString: to.name },
    ]);
  }

  setFields(key: string, edit: FieldEdit, author: string | User, at?: number): void {
    const issue = this.issue(key);
    const time = this.touch(issue, at);
    const items = Object.entries(edit).map(([field, value]): ChangeItem => {
      const before = shown(issue[field as keyof FieldEdit]);
      return { field, from: null, fromString: before, to: null, toString: shown(value) };
    });
    Object.assign(issue, edit);
    if (items.length > 0) this.log(issue, author, time, items);
  }

  /** True if the property is new. Leaves `updated` alone: whether Jira moves it is not known, so nobody may rely on it. */
  setProperty(key: string, name: string, value: unknown): boolean {
    const issue = this.issue(key);
    this.remember(issue, this.clock.now());
    const fresh = !issue.properties.has(name);
    issue.properties.set(name, structuredClone(value));
    return fresh;
  }

  deleteProperty(key: string, name: string): boolean {
    const issue = this.issue(key);
    this.remember(issue, this.clock.now());
    return issue.properties.delete(name);
  }

  /** Replaces the link with the same `globalId`; true if it is new. */
  setRemoteLink(key: string, given: Omit<RemoteLink, 'id'>): { link: RemoteLink; fresh: boolean } {
    const links = this.issue(key).remoteLinks;
    const old = given.globalId ? links.find((link) => link.globalId === given.globalId) : undefined;
    if (old) return { link: Object.assign(old, given), fresh: false };
    const link = { id: this.nextId++, ...given };
    links.push(link);
    return { link, fresh: true };
  }

  addFilter(name: string, jql: string, owner: string | User): Filter {
    const filter = { id: String(this.nextId++), name, owner: this.user(owner), jql };
    this.filters.push(filter);
    return filter;
  }

  /** Takes a permission on one issue from one user, or from everybody. */
  deny(key: string, permission: Permission, who?: string): void {
    this.denials.deny(key, permission, who === undefined ? undefined : this.user(who));
  }

  allow(key: string, permission: Permission): void {
    this.denials.allow(key, permission);
  }

  may(user: User | undefined, permission: Permission, issue: Issue): boolean {
    return user !== undefined && !this.denials.has(issue.key, permission, user);
  }

  /** The issue as the search index shows it now; undefined while it is not indexed. */
  indexed(issue: Issue): Issue | undefined {
    const versions = this.stale.get(issue);
    if (!versions) return issue;
    const now = this.clock.now();
    while (versions[0] && versions[0].until <= now) versions.shift();
    if (versions[0]) return versions[0].shown;
    this.stale.delete(issue);
    return issue;
  }

  private touch(issue: Issue, at = this.clock.now()): number {
    this.remember(issue, at);
    issue.updated = Math.max(issue.updated, at);
    return at;
  }

  private remember(issue: Issue, at: number): void {
    const lag = this.searchLag();
    if (lag <= 0) return;
    const versions = this.stale.get(issue) ?? [];
    const copy = { ...issue, comments: [...issue.comments], changes: [...issue.changes] };
    versions.push({ until: at + lag, shown: { ...copy, properties: new Map(issue.properties) } });
    this.stale.set(issue, versions);
  }

  private log(issue: Issue, author: string | User, at: number, items: ChangeItem[]): void {
    issue.changes.push({ id: String(this.nextId++), author: this.user(author), created: at, items });
  }

  private ensureProject(key: string): Project {
    let project = this.projects.find((p) => p.key === key);
    if (!project) {
      project = { id: String(this.nextId++), key, name: key };
      this.projects.push(project);
    }
    return project;
  }

  private nextKey(project: Project): string {
    const own = this.issues.filter((issue) => issue.project === project);
    return `${project.key}-${Math.max(0, ...own.map((issue) => Number(issue.key.split('-').at(-1)))) + 1}`;
  }

  private firstStatus(): Status {
    const [status] = this.workflow.statuses;
    if (!status) throw new Error('The workflow has no status.');
    return status;
  }

  private firstUser(): User {
    const [user] = this.users;
    if (!user) throw new Error('The simulator has no user.');
    return user;
  }
}

function shown(value: FieldEdit[keyof FieldEdit]): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.join(' ');
  return 'displayName' in value ? value.displayName : JSON.stringify(value);
}
