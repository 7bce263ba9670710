import * as vscode from 'vscode';
import type { ApprovalPlan, PlannedDocument } from '../../../model/gate/approval/approvalPlan';
import { versionUri } from '../../documents/versions';
import { documentText, moveText, shortCommit, unreadText, warningText } from './approveLook';
import { noIcons } from '../../pickers/noIcons';

type Row = vscode.QuickPickItem & { document?: PlannedDocument; isYes?: true };

const compare: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('diff'),
  tooltip: 'Compare with Approved',
};

/**
 * Shows what would be approved, row by row, and asks for a yes. A document's row opens it as it would be approved, and
 * the question stays. True for yes.
 */
export function confirmApproval(plan: ApprovalPlan, note: string | undefined): Promise<boolean> {
  const pick = vscode.window.createQuickPick<Row>();
  const unread = unreadText(plan);
  pick.title = `Approve ${plan.key} for Implementation: ${plan.summary}`;
  pick.placeholder = unread ? `${unread}. Enter opens a document` : 'Enter opens a document';
  pick.ignoreFocusOut = true;
  pick.matchOnDescription = true;
  const rows = rowsOf(plan, note);
  pick.items = rows;
  // The first Enter opens what has not been read; only who means it reaches the last row.
  const first = rows.find(({ document }) => document && document.review !== 'reviewed');
  const yes = rows.find(({ isYes }) => isYes);
  pick.activeItems = [first ?? yes].flatMap((row) => row ?? []);
  return new Promise((resolve) => {
    pick.onDidTriggerItemButton(({ item: { document } }) => {
      if (document)
        void vscode.commands.executeCommand('taskSessions.compareApproved', {
          key: plan.key,
          path: document.path,
        });
    });
    pick.onDidAccept(() => {
      const [row] = pick.selectedItems;
      if (row?.isYes) {
        resolve(true);
        pick.hide();
      } else if (row?.document) void open(plan.key, row.document);
    });
    pick.onDidHide(() => {
      resolve(false);
      pick.dispose();
    });
    pick.show();
  });
}

const open = (key: string, { path, blob }: PlannedDocument): Thenable<unknown> =>
  vscode.commands.executeCommand('vscode.open', versionUri({ key, path, blob }), {
    preview: true,
    preserveFocus: true,
  });

function rowsOf(plan: ApprovalPlan, note: string | undefined): Row[] {
  const { branch, commit = '', documents, previous, move } = plan;
  const unread = unreadText(plan);
  const jira = moveText(move);
  // What is not reviewed, the rows themselves say.
  const others = plan.warnings.filter((text) => !text.startsWith('You have not marked'));
  const warnings = note === undefined ? others : [note, ...others];
  const separator = (label: string): Row => ({ label, kind: vscode.QuickPickItemKind.Separator });
  const removed =
    previous?.documents?.filter(({ path }) => documents.every((one) => one.path !== path)) ?? [];
  return [
    ...(warnings.length > 0 ? [separator('Before you say yes')] : []),
    ...warnings.map((text): Row => {
      const { label, detail } = warningText(text);
      return {
        label: `$(warning) ${noIcons(label)}`,
        ...(detail !== undefined && { detail }),
        alwaysShow: true,
      };
    }),
    separator(`${branch} at ${shortCommit(commit)}`),
    ...documents.map((document): Row => ({
      label: `$(${document.review === 'reviewed' ? 'pass-filled' : 'circle-large-outline'}) ${noIcons(document.name)}`,
      description: documentText(document),
      ...(document.approved === 'changed' && { buttons: [compare] }),
      document,
    })),
    ...removed.map(({ path }): Row => ({
      label: `$(trash) ${noIcons(path)}`,
      description: 'gone since the last approval',
    })),
    separator('Jira'),
    { ...jira, label: `$(arrow-right) ${noIcons(jira.label)}` },
    separator('Your answer'),
    {
      label: `$(verified) Approve ${shortCommit(commit)}`,
      description: unread ?? 'all reviewed',
      alwaysShow: true,
      isYes: true,
    },
  ];
}
