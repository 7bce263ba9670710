import * as vscode from 'vscode';
import type { Check } from '../../actions/doctor/check';
import { changesIn } from '../../actions/setUp/difference';
import { intent, stateWords, theirs, type HostSetUp } from '../../actions/setUp/hostSetUp';
import { isCurrent, type SkillPlan } from '../../actions/setUp/skill';
import type { Host } from '../../hosts/host';
import { patiently, withProgress } from '../failures';

export interface HostSetUpVerbOptions {
  hostSetUp: HostSetUp;
  hosts: readonly Host[];
}

/** Installs the skill on a host, after a look at what that would write, and shows what else the host lacks. */
export async function setUpHost({ hostSetUp, hosts }: HostSetUpVerbOptions): Promise<void> {
  const host = await chooseHost(hosts);
  if (!host) return;
  const plan = await patiently(`Looking at ${host.name}`, (signal) => hostSetUp.plan(host, signal));
  const answer = isCurrent(plan) ? 'keep' : await agree(plan);
  if (answer === undefined) return;
  const checks = await withProgress(`Setting up ${host.name}`, async (signal) => {
    if (answer !== 'keep') await hostSetUp.install(host, plan, { theirs: answer === 'overwrite', signal });
    return hostSetUp.checks(host, signal);
  });
  await show(host, plan, checks);
}

async function chooseHost(hosts: readonly Host[]): Promise<Host | undefined> {
  const [only, ...others] = hosts;
  if (others.length === 0) return only;
  const items = hosts.map((host) => ({
    label: `$(${host.local ? 'device-desktop' : 'remote'}) ${host.name}`,
    description: host.local ? 'this machine' : (host.settings.ssh ?? ''),
    host,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: 'Set Up This Host',
    placeHolder: 'Where shall sessions be able to ask for approval?',
  });
  return picked?.host;
}

/** Nothing is written before the person has seen what and where; what is not ours, only by a word for itself. */
async function agree(plan: SkillPlan): Promise<'write' | 'overwrite' | undefined> {
  const others = theirs(plan).length > 0;
  const ours = plan.files.some((file) => file.state !== 'current' && !theirs(plan).includes(file));
  const differing = plan.files.some(({ before, state }) => before !== undefined && state !== 'current');
  const buttons = [
    ...(ours ? ['Write'] : []),
    ...(others ? ['Overwrite'] : []),
    ...(differing ? ['Show Differences'] : []),
  ];
  const detail = plan.files
    .map((file) => `${intent(file)} ${file.path} (${stateWords[file.state]})`)
    .join('\n');
  const message = `Install the skill /request-approval on ${plan.host}? With it a conversation there can ask for approval, and never give it.`;
  const chosen = await vscode.window.showInformationMessage(message, { modal: true, detail }, ...buttons);
  if (chosen === 'Show Differences') {
    await showDifferences(plan);
    return undefined;
  }
  return chosen === 'Write' ? 'write' : chosen === 'Overwrite' ? 'overwrite' : undefined;
}

async function showDifferences({ files }: SkillPlan): Promise<void> {
  const content = files
    .flatMap(({ path, before, after, state }) =>
      before === undefined || state === 'current' ? [] : [`--- ${path}`, ...changesIn(before, after), ''],
    )
    .join('\n');
  const document = await vscode.workspace.openTextDocument({ language: 'diff', content });
  await vscode.window.showTextDocument(document, { preview: true });
}

/** Every check as a row; what is wrong first, with what to do. */
async function show(host: Host, plan: SkillPlan, checks: readonly Check[]): Promise<void> {
  const rows = checks.toSorted((a, b) => Number(a.ok) - Number(b.ok));
  const wrong = checks.filter(({ ok }) => !ok).length;
  const items: vscode.QuickPickItem[] = [
    ...rows.map(({ check, ok, detail, fix }) => ({
      label: `$(${ok ? 'pass' : 'warning'}) ${check}`,
      description: detail,
      ...(fix !== undefined && !ok && { detail: fix }),
    })),
    { label: '$(pass) skill', description: `/request-approval in ${plan.folder}` },
  ];
  await vscode.window.showQuickPick(items, {
    title: `Set Up ${host.name}`,
    placeHolder:
      wrong === 0
        ? 'Sessions and runs have all that they need there'
        : `${wrong} of ${checks.length} checks need you`,
  });
}
