import { isBranchName, parseObjectId } from '../names';

/** Kinds of git hosts whose pages we know; `forge` of a repository names one where the address does not tell. */
export type Forge = 'github' | 'gitlab' | 'bitbucket' | 'gitea';

/** A repository's pages on its git host. Every address is https, encoded, and names no user. */
export interface ForgePages {
  readonly forge: Forge;
  branch(name: string): string | undefined;
  commit(id: string): string | undefined;
  /** Where a pull request of a branch into another is made. */
  compare(branch: string, base: string): string | undefined;
  /** A pull request of this very repository, by the address of any of its pages. */
  pullRequest(address: string): PullRequestPage | undefined;
  /** A file of a branch, by its path in the repository; where a commit is known, as it stands there. */
  file(path: string, at: { branch: string; commit?: string | undefined }): string | undefined;
}

export interface PullRequestPage {
  /** As its own page has it, without what follows. */
  url: string;
  /** As people call it there: `Pull request #12`, `Merge request !12`. */
  name: string;
}

/**
 * The pages of the repository that a remote's address names (https, ssh, scp-like). Undefined where nobody knows what
 * runs there: a wrong link is worse than none.
 */
export function forgePages(remoteUrl: string, forge?: Forge): ForgePages | undefined {
  const remote = parseRemote(remoteUrl);
  const kind = forge ?? (remote && forgeOf(remote.hostname));
  if (!remote || !kind) return undefined;
  const base = baseOf(remote, kind);
  return base && checked(layouts[base.layout](base.url), base.url, kind);
}

/** The page of a branch on its git host; see `forgePages`. */
export const branchUrl = (remoteUrl: string, branch: string, forge?: Forge): string | undefined =>
  forgePages(remoteUrl, forge)?.branch(branch);

interface Remote {
  hostname: string;
  /** Of an https address: its port is the pages' port. Of ssh it says nothing of them. */
  port: string;
  path: string[];
}

/** Where git hosts answer ssh on the port of https. */
const sshNames: Readonly<Partial<Record<string, string>>> = {
  'ssh.github.com': 'github.com',
  'altssh.gitlab.com': 'gitlab.com',
  'altssh.bitbucket.org': 'bitbucket.org',
};

function parseRemote(text: string): Remote | undefined {
  if (text.length > 2000 || /[\p{Cc}\p{Cf}\p{Cs}\p{Z}\\]/u.test(text)) return undefined;
  const address =
    /^(https|http|ssh|git|git\+ssh):\/\/(?:[^/@]*@)?([^/@:[\]]+)(?::(\d{1,5})?)?\/([^?#]+)$/i.exec(text);
  // No slash before the first colon; a single letter is a Windows drive.
  const scp = /^(?:[^/@:]+@)?([^/@:[\]]{2,}):(?!\/\/)([^?#]+)$/.exec(text);
  const [scheme = 'ssh', host, port = '', path] = address
    ? address.slice(1)
    : ['ssh', scp?.[1], '', scp?.[2]];
  const hostname = host === undefined ? undefined : asciiHost(host);
  const parts = path === undefined ? undefined : pathParts(path);
  if (hostname === undefined || parts === undefined) return undefined;
  // Whether https is spoken, too, where http has a port of its own, nobody knows.
  if (/^http$/i.test(scheme) && port !== '' && port !== '80') return undefined;
  return {
    hostname: sshNames[hostname] ?? hostname,
    port: /^https$/i.test(scheme) && port !== '443' ? port : '',
    path: parts,
  };
}

/** As the URL parser writes it: lower case, other scripts as punycode. */
function asciiHost(host: string): string | undefined {
  const address = `https://${host}/`;
  if (!URL.canParse(address)) return undefined;
  const { hostname } = new URL(address);
  return /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/.test(hostname) ? hostname : undefined;
}

function pathParts(path: string): string[] | undefined {
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decoded);
  const last = parts.pop()?.replace(/\.git$/, '');
  if (last === undefined) return undefined;
  parts.push(last);
  const isName = (part: string | undefined): part is string =>
    part !== undefined && !/^\.{0,2}$/.test(part) && !/[/\\\p{Cc}\p{Cf}\p{Cs}]/u.test(part);
  return parts.length >= 2 && parts.every(isName) ? parts : undefined;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** By the whole name, or by its first word, as people name their own: `gitlab.acme.example`. */
function forgeOf(hostname: string): Forge | undefined {
  if (hostname === 'codeberg.org') return 'gitea';
  if (hostname.endsWith('.ghe.com')) return 'github';
  const [first = '', ...rest] = hostname.split('.');
  if (rest.length === 0) return undefined;
  switch (first) {
    case 'github':
    case 'gitlab':
    case 'bitbucket':
    case 'gitea':
      return first;
    case 'forgejo':
      return 'gitea';
    default:
      return undefined;
  }
}

type Layout = Exclude<Forge, 'bitbucket'> | 'bitbucketCloud' | 'bitbucketServer';

function baseOf({ hostname, port, path }: Remote, kind: Forge): { layout: Layout; url: string } | undefined {
  const site = `https://${hostname}${port === '' ? '' : `:${port}`}`;
  const at = (layout: Layout, parts: readonly string[]) => ({
    layout,
    url: [site, ...parts.map(encoded)].join('/'),
  });
  switch (kind) {
    case 'github':
      return path.length === 2 ? at('github', path) : undefined;
    case 'gitlab':
    case 'gitea':
      return at(kind, path);
    case 'bitbucket':
      if (hostname === 'bitbucket.org') return path.length === 2 ? at('bitbucketCloud', path) : undefined;
      return at('bitbucketServer', serverPath(path));
  }
}

/** `scm/PRJ/repo` (https) and `PRJ/repo` (ssh) live at `projects/PRJ/repos/repo`, `~ann/repo` at `users/ann/repos/repo`. */
function serverPath(path: readonly string[]): string[] {
  const [project = '', name = ''] = path.slice(-2);
  const before = path.slice(0, -2);
  if (before.at(-1) === 'scm') before.pop();
  const owner = project.startsWith('~') ? ['users', project.slice(1)] : ['projects', project];
  return [...before, ...owner, 'repos', name];
}

/** The pages as each kind of git host lays them out. */
type Pages = Omit<ForgePages, 'forge' | 'pullRequest'> & {
  /** Between the repository and a pull request's number. */
  pulls: string;
  /** Before the number, in words. */
  pullName: string;
};

const layouts: Readonly<Record<Layout, (base: string) => Pages>> = {
  github: (base) => ({
    pulls: '/pull/',
    pullName: 'Pull request #',
    compare: (branch, into) => `${base}/compare/${encodedPath(into)}...${encodedPath(branch)}?expand=1`,
    branch: (name) => `${base}/tree/${encodedPath(name)}`,
    commit: (id) => `${base}/commit/${id}`,
    file: (path, { branch, commit }) => `${base}/blob/${encodedPath(commit ?? branch)}/${encodedPath(path)}`,
  }),
  gitlab: (base) => ({
    pulls: '/-/merge_requests/',
    pullName: 'Merge request !',
    compare: (branch, into) =>
      `${base}/-/merge_requests/new?${query({ 'merge_request[source_branch]': branch, 'merge_request[target_branch]': into })}`,
    branch: (name) => `${base}/-/tree/${encodedPath(name)}`,
    commit: (id) => `${base}/-/commit/${id}`,
    file: (path, { branch, commit }) =>
      `${base}/-/blob/${encodedPath(commit ?? branch)}/${encodedPath(path)}`,
  }),
  gitea: (base) => ({
    pulls: '/pulls/',
    pullName: 'Pull request #',
    compare: (branch, into) => `${base}/compare/${encodedPath(into)}...${encodedPath(branch)}`,
    branch: (name) => `${base}/src/branch/${encodedPath(name)}`,
    commit: (id) => `${base}/commit/${id}`,
    file: (path, { branch, commit }) =>
      `${base}/src/${commit === undefined ? `branch/${encodedPath(branch)}` : `commit/${commit}`}/${encodedPath(path)}`,
  }),
  bitbucketCloud: (base) => ({
    pulls: '/pull-requests/',
    pullName: 'Pull request #',
    compare: (branch, into) => `${base}/pull-requests/new?${query({ source: branch, dest: into })}`,
    branch: (name) => `${base}/branch/${encodedPath(name)}`,
    commit: (id) => `${base}/commits/${id}`,
    // Its pages of files want one word for the revision.
    file: (path, { branch, commit }) =>
      `${base}/src/${commit ?? encoded(branch)}/${encodedPath(path)}?at=${encoded(branch)}`,
  }),
  bitbucketServer: (base) => ({
    pulls: '/pull-requests/',
    pullName: 'Pull request #',
    compare: (branch, into) =>
      `${base}/pull-requests?create&${query({ sourceBranch: `refs/heads/${branch}`, targetBranch: `refs/heads/${into}` })}`,
    branch: (name) => `${base}/browse?at=${encoded(`refs/heads/${name}`)}`,
    commit: (id) => `${base}/commits/${id}`,
    file: (path, { branch, commit }) =>
      `${base}/browse/${encodedPath(path)}?at=${commit ?? encoded(`refs/heads/${branch}`)}`,
  }),
};

/** Nothing that is not a branch, a commit or a path gets into an address. */
const checked = ({ pulls, pullName, ...pages }: Pages, base: string, forge: Forge): ForgePages => ({
  forge,
  compare: (branch, into) =>
    isBranchName(branch) && isBranchName(into) && branch !== into ? pages.compare(branch, into) : undefined,
  pullRequest: (address) => {
    const number = numberIn(address, base + pulls);
    return number === undefined
      ? undefined
      : { url: `${base}${pulls}${number}`, name: `${pullName}${number}` };
  },
  branch: (name) => (isBranchName(name) ? pages.branch(name) : undefined),
  commit: (id) => (parseObjectId(id) === id ? pages.commit(id) : undefined),
  file: (path, { branch, commit }) =>
    isBranchName(branch) && isFilePath(path) && (commit === undefined || parseObjectId(commit) === commit)
      ? pages.file(path, { branch, commit })
      : undefined,
});

/** The number behind `start`, which is a page of ours: the address counts only where all before it is the same. */
function numberIn(address: string, start: string): string | undefined {
  const text = address.trim();
  if (text.length > 2000 || !URL.canParse(text) || /[\p{Cc}\p{Cf}\p{Cs}\p{Z}\\]/u.test(text))
    return undefined;
  const { protocol, username, password, host, pathname } = new URL(text);
  if (protocol !== 'https:' || username !== '' || password !== '') return undefined;
  const wanted = new URL(start);
  // Names of owners and repositories are found in any case.
  const path = pathname.toLowerCase();
  if (host !== wanted.host || !path.startsWith(wanted.pathname.toLowerCase())) return undefined;
  return /^([1-9]\d{0,9})(?:\/|$)/.exec(path.slice(wanted.pathname.length))?.[1];
}

const isFilePath = (path: string): boolean =>
  path.length <= 1000 &&
  !/[\p{Cc}\p{Cf}\p{Cs}]/u.test(path) &&
  path.split('/').every((part) => !/^\.{0,2}$/.test(part));

/** Besides what `encodeURIComponent` knows, the marks that wiki markup and ends of sentences read. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);

const query = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .join('&');

const encodedPath = (path: string): string => path.split('/').map(encoded).join('/');
