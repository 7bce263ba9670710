// A small extension that shows one of each thing that the driver handles, so that the harness can be proved alone.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const manifest = {
  name: 'sample',
  displayName: 'Sample',
  publisher: 'harness',
  version: '1.0.0',
  engines: { vscode: '^1.105.0' },
  extensionKind: ['workspace'],
  main: './extension.js',
  activationEvents: ['onStartupFinished'],
  capabilities: { untrustedWorkspaces: { supported: true } },
  contributes: {
    configuration: {
      title: 'Sample',
      properties: { 'sample.greeting': { type: 'string', default: 'Hello', scope: 'machine' } },
    },
    commands: [
      { command: 'sample.ask', title: 'Ask', category: 'Sample' },
      { command: 'sample.notify', title: 'Notify', category: 'Sample', icon: '$(bell)' },
      { command: 'sample.confirm', title: 'Confirm', category: 'Sample' },
      { command: 'sample.terminal', title: 'Open Terminal', category: 'Sample' },
      { command: 'sample.greet', title: 'Greet', category: 'Sample', icon: '$(megaphone)' },
    ],
    viewsContainers: {
      activitybar: [
        { id: 'sample', title: 'Sample', icon: 'icon.svg' },
        { id: 'void', title: 'Void', icon: 'icon.svg' },
      ],
    },
    views: {
      sample: [{ id: 'sample.things', name: 'Things' }],
      void: [{ id: 'sample.nothing', name: 'Nothing' }],
    },
    viewsWelcome: [{ view: 'sample.nothing', contents: 'Nothing here yet.\n[Ask](command:sample.ask)' }],
    menus: {
      'view/title': [{ command: 'sample.notify', group: 'navigation', when: 'view == sample.things' }],
      'view/item/context': [
        { command: 'sample.greet', group: 'inline', when: 'viewItem == thing' },
        { command: 'sample.greet', group: '1_main', when: 'viewItem == thing' },
      ],
    },
  },
};

const extension = `
const vscode = require('vscode');
exports.activate = (context) => {
  const things = { '': ['Fruit', 'Trees'], Fruit: ['Apple', 'Pear'], Trees: Array.from({ length: 200 }, (_, i) => 'Tree ' + (i + 1)) };
  const provider = {
    getChildren: (name) => things[name ?? ''] ?? [],
    getTreeItem: (name) => {
      const item = new vscode.TreeItem(name, things[name] ? 1 : 0);
      item.id = name;
      item.description = things[name] ? String(things[name].length) : 'small';
      item.tooltip = new vscode.MarkdownString('About **' + name + '**');
      if (!things[name]) item.contextValue = 'thing';
      return item;
    },
  };
  const on = (id, run) => context.subscriptions.push(vscode.commands.registerCommand('sample.' + id, run));
  const view = vscode.window.createTreeView('sample.things', { treeDataProvider: provider });
  view.message = 'Two kinds';
  view.badge = { value: 2, tooltip: '2 kinds' };
  const nothing = vscode.window.createTreeView('sample.nothing', { treeDataProvider: { getChildren: () => [] } });
  const status = vscode.window.createStatusBarItem('sample.count', 1);
  status.text = '$(bell) 2 kinds';
  status.show();
  context.subscriptions.push(view, nothing, status);
  on('ask', async () => {
    const color = await vscode.window.showQuickPick([{ label: 'Red', description: 'warm' }, { label: 'Blue', detail: 'cold' }], { placeHolder: 'Which colour?' });
    const name = await vscode.window.showInputBox({ prompt: 'Which name?', validateInput: (text) => (text === 'x' ? 'Too short' : undefined) });
    void vscode.window.showInformationMessage('Answer: ' + color?.label + ' ' + name);
  });
  on('notify', async () => {
    const answer = await vscode.window.showWarningMessage('Something happened', 'Fix', 'Ignore');
    void vscode.window.showInformationMessage('Chose ' + answer);
  });
  on('confirm', async () => {
    const answer = await vscode.window.showWarningMessage('Really?', { modal: true, detail: 'It cannot be undone.' }, 'Do It');
    void vscode.window.showInformationMessage('Confirmed ' + answer);
  });
  on('terminal', () => vscode.window.createTerminal({ name: 'SAMPLE-1', shellPath: '/bin/sh', shellArgs: ['-c', 'echo "in $PWD as $SAMPLE"; exec cat'] }).show());
  on('greet', (name) => void vscode.window.showInformationMessage(vscode.workspace.getConfiguration('sample').get('greeting') + ', ' + name));
};
`;

const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24"><circle cx="12" cy="12" r="9" fill="currentColor"/></svg>';

export async function writeSampleExtension(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await Promise.all([
    writeFile(join(folder, 'package.json'), JSON.stringify(manifest)),
    writeFile(join(folder, 'extension.js'), extension),
    writeFile(join(folder, 'icon.svg'), icon),
  ]);
}
