import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { settingsSchema } from '../../../src/model/settings';
import { commandIds } from '../../../src/ui/commands/commandTable';
import { filesIn, read, root } from './files';

interface Reference {
  command?: string;
  submenu?: string;
  when?: string;
}

interface Setting {
  type: string | string[];
  default?: unknown;
  enum?: unknown[];
  markdownEnumDescriptions?: string[];
  minimum?: number;
  maximum?: number;
  scope?: string;
  markdownDescription?: string;
  properties?: Record<string, Setting>;
  additionalProperties?: Setting | boolean;
}

/** package.json, as far as it is looked at here. */
interface Manifest {
  version: string;
  icon: string;
  main: string;
  bin: Record<string, string>;
  publisher: string;
  name: string;
  engines: { node: string; vscode: string };
  extensionKind: string[];
  activationEvents: string[];
  capabilities: { untrustedWorkspaces: { supported: unknown; restrictedConfigurations: string[] } };
  contributes: {
    commands: { command: string; title: string; category: string; icon?: string }[];
    menus: Record<string, Reference[]>;
    submenus: { id: string; label: string }[];
    viewsContainers: Record<string, { id: string; icon: string }[]>;
    views: Record<string, { id: string; icon?: string }[]>;
    viewsWelcome: { view: string; when: string; contents: string }[];
    configuration: { properties: Record<string, Setting> };
  };
  dependencies?: Record<string, string>;
  devDependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
}

const manifest = JSON.parse(read('package.json')) as Manifest;
const { contributes } = manifest;
const prefix = 'taskSessions.';
const own = (name: string): string => name.slice(prefix.length);
const ui = filesIn('src/ui', /\.ts$/).map(read).join('\n');

const commands = contributes.commands.map(({ command }) => command);
const views = Object.values(contributes.views).flat().map(({ id }) => id); // prettier-ignore
const submenus = contributes.submenus.map(({ id }) => id);
const items = Object.values(contributes.menus).flat();
const clauses = [...items, ...contributes.viewsWelcome].flatMap(({ when }) => when ?? []);

describe('commands', () => {
  it('are those that have handlers', () => {
    assert.deepEqual(commands.map(own).toSorted(), [...commandIds].toSorted());
    assert.equal(new Set(commands).size, commands.length);
  });

  it('are of one category, each with its own title', () => {
    for (const { category } of contributes.commands) assert.equal(category, 'Task Sessions');
    const titles = contributes.commands.map(({ title }) => title);
    assert.equal(new Set(titles).size, titles.length);
    assert.ok(contributes.commands.some(({ command, title }) => command === 'taskSessions.resume' && title === 'Resume Task Session')); // prettier-ignore
  });

  it('in menus and welcome texts exist', () => {
    for (const { command, submenu } of items) {
      assert.ok(command === undefined || commands.includes(command), command);
      assert.ok(submenu === undefined || submenus.includes(submenu), submenu);
      assert.ok((command === undefined) !== (submenu === undefined));
    }
    const linked = contributes.viewsWelcome.flatMap(({ contents }) => [
      ...contents.matchAll(/\(command:([\w.]+)/g),
    ]);
    assert.ok(linked.length > 3);
    for (const [, command = ''] of linked)
      assert.ok(commands.includes(command) || command.startsWith('workbench.'), command);
  });

  it('in source exist', () => {
    const named = [...ui.matchAll(/\bcommand(?:: 'taskSessions\.|\(')(\w+)'/g)].map(([, id = '']) => id);
    assert.ok(named.length > 5);
    for (const id of named)
      assert.ok(
        commandIds.some((known) => known === id),
        id,
      );
  });

  it('with an icon where they are buttons', () => {
    const withIcon = new Set(contributes.commands.flatMap(({ command, icon }) => (icon ? command : [])));
    const buttons = Object.entries(contributes.menus)
      .flatMap(([, references]) => references as (Reference & { group?: string })[])
      .filter(({ group, command }) => command && /^(?:inline|navigation)/.test(group ?? ''));
    assert.deepEqual(buttons.filter(({ command }) => !withIcon.has(command!)), []); // prettier-ignore
  });

  it('that start something are not offered in restricted mode', () => {
    const spawning =
      /^(?:resume|fork|startFromDocuments|viewLive|openShell|checkOut|openInWorktree|fetch|keep|putBack|dropCopy|resumeReference|revealTranscript|endSession|startAnalysis|continueRun|stopRun|takeOverRun|settle|viewRunLog|discardRun|reviewDocuments|markReviewed|markReviewedNext|unmarkReviewed|compareReviewed|compareApproved)$/;
    for (const { command, when = '' } of items)
      if (command && spawning.test(own(command))) assert.match(when, /isWorkspaceTrusted/, command);
    const palette = (contributes.menus['commandPalette'] ?? []).flatMap(({ command }) => command ?? []);
    for (const id of commandIds.filter((one) => spawning.test(one)))
      assert.ok(palette.includes(prefix + id), `${id} in the palette`);
  });
});

describe('views, menus and conditions', () => {
  it('name views and submenus that exist', () => {
    const containers = Object.values(contributes.viewsContainers).flat().map(({ id }) => id); // prettier-ignore
    assert.deepEqual(Object.keys(contributes.views), containers);
    for (const { view } of contributes.viewsWelcome) assert.ok(views.includes(view), view);
    for (const clause of clauses)
      for (const [, view = ''] of clause.matchAll(/\bview == ([\w.]+)/g))
        assert.ok(views.includes(view), view);
    for (const menu of Object.keys(contributes.menus))
      if (menu.startsWith(prefix)) assert.ok(submenus.includes(menu), menu);
    for (const id of submenus)
      assert.ok(items.some(({ submenu }) => submenu === id) && contributes.menus[id]);
  });

  it('ask only for context keys that the window sets', () => {
    const keys = new Set(
      clauses.flatMap((clause) =>
        [...clause.matchAll(/(?<!== )\btaskSessions\.(\w+)/g)].map(([, key = '']) => key),
      ),
    );
    assert.ok(keys.has('signedIn') && keys.has('state'));
    for (const key of keys)
      assert.match(ui, new RegExp(`setContext\\('${key}'|'setContext', 'taskSessions\\.${key}'`), key);
  });

  it('have welcome texts for states of the window', () => {
    const told = contributes.viewsWelcome.map(
      ({ when }) => /\bs(?:essionsS)?tate == (\w+)/.exec(when)?.[1] ?? '',
    );
    assert.equal(new Set(told).size, told.length);
    for (const state of told) assert.ok(state !== '' && ui.includes(`'${state}'`), state);
  });

  it('compare item contexts by expressions that compile', () => {
    for (const clause of clauses)
      for (const [, pattern = ''] of clause.matchAll(/=~ \/(.*?)\/(?= |$)/g)) assert.ok(new RegExp(pattern));
  });
});

describe('settings', () => {
  const { properties } = contributes.configuration;
  const declared = Object.keys(properties).map(own);
  const schema = z.toJSONSchema(settingsSchema, {
    io: 'input',
    unrepresentable: 'any',
  }) as unknown as Setting;

  /** Leaves of the schema by key: a setting of package.json is one, whatever is inside it. */
  function leaves(node: Setting, path = ''): [string, Setting][] {
    if (declared.includes(path) || !node.properties) return [[path, node]];
    return Object.entries(node.properties).flatMap(([key, child]) =>
      leaves(child, path ? `${path}.${key}` : key),
    );
  }
  const schemas = new Map(leaves(schema));

  it('are those of the schema', () => {
    assert.deepEqual(declared.toSorted(), [...schemas.keys()].toSorted());
  });

  it('have the defaults of the schema', () => {
    const nested: Record<string, Record<string, unknown>> = {};
    for (const [name, { default: value }] of Object.entries(properties)) {
      assert.notEqual(value, undefined, name);
      const [group = '', key] = own(name).split('.');
      if (key === undefined) Object.assign(nested, { [group]: value });
      else (nested[group] ??= {})[key] = value;
    }
    assert.deepEqual(settingsSchema.parse(nested), settingsSchema.parse({}));
  });

  for (const key of declared)
    it(`say what ${key} is, as the schema does`, () => {
      const said = properties[prefix + key]!;
      const wanted = schemas.get(key)!;
      assert.ok(said.markdownDescription?.endsWith('.'));
      assert.equal(said.type, wanted.type);
      assert.deepEqual(said.enum, wanted.enum);
      assert.deepEqual([said.minimum, said.maximum], [wanted.minimum, wanted.maximum]);
      assert.ok(!said.markdownEnumDescriptions || said.markdownEnumDescriptions.length === said.enum?.length);
      for (const part of [said, said.additionalProperties])
        if (typeof part === 'object' && part.properties && key !== 'phases')
          assert.deepEqual(
            Object.keys(part.properties).toSorted(),
            Object.keys(propertiesOf(wanted)).toSorted(),
          );
    });

  const propertiesOf = ({
    properties: inside,
    additionalProperties: each,
  }: Setting): Record<string, Setting> => inside ?? (typeof each === 'object' ? (each.properties ?? {}) : {});

  it('that lead to programs, machines or secrets are set by the machine only', () => {
    const machine =
      /^(?:jira\.(?:url|email|deployment|caFile)|hosts|local|repositories|ssh\..*|prompts.*|claude\..*|checks|webhooks|runs\..*|links\..*|approvers|phases)$/;
    for (const key of declared) {
      const { scope } = properties[prefix + key]!;
      assert.equal(scope, machine.test(key) ? 'machine' : 'window', key);
    }
  });

  it('of an untrusted workspace are not used', () => {
    const { supported, restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
    assert.equal(supported, 'limited');
    for (const name of restrictedConfigurations) assert.ok(name in properties, name);
    const harmless = [
      'jira.pollSeconds',
      'terminal.location',
      'context.handoffPercent',
      'context.autoHandoff',
      'notifications.runs',
    ];
    for (const key of declared)
      if (properties[prefix + key]!.scope === 'window' && !harmless.includes(key))
        assert.ok(restrictedConfigurations.includes(prefix + key), key);
  });
});

describe('the package', () => {
  it('has the files that it names', () => {
    const icons = [
      manifest.icon,
      ...Object.values(contributes.viewsContainers).flat().map(({ icon }) => icon),
      ...Object.values(contributes.views).flat().flatMap(({ icon }) => icon ?? []),
    ]; // prettier-ignore
    for (const path of [...icons, 'LICENSE', 'README.md', 'CHANGELOG.md'])
      assert.ok(existsSync(join(root, path)), path);
    assert.match(manifest.icon, /\.png$/);
  });

  it('is built from what it starts', () => {
    const build = read('esbuild.mjs');
    for (const path of [manifest.main, ...Object.values(manifest.bin)]) {
      assert.match(path, /^\.?\/?dist\/\w+\.js$/);
      assert.ok(build.includes(/(\w+)\.js$/.exec(path)![1]!), path);
    }
  });

  it('is made for the oldest VS Code whose types it uses, and for Node 20', () => {
    const types = /^(\d+\.\d+)\./.exec(manifest.devDependencies['@types/vscode'] ?? '')?.[1];
    assert.equal(manifest.engines.vscode, `^${types}.0`);
    assert.match(manifest.engines.node, /^>=20\./);
    assert.deepEqual(manifest.extensionKind, ['workspace']);
    assert.equal(`${manifest.publisher}.${manifest.name}`, 'task-sessions.task-sessions');
  });

  it('wakes with the window, whose runs it settles and whose documents it marks', () => {
    const scheme = /export const scheme = '([^']+)'/.exec(ui)?.[1];
    assert.deepEqual(manifest.activationEvents, ['onStartupFinished', `onFileSystem:${scheme}`, 'onUri']);
  });

  it('pins every version, and the lock file says the same without addresses', () => {
    const wanted = {
      ...manifest.dependencies,
      ...manifest.devDependencies,
      ...manifest.optionalDependencies,
    };
    for (const [name, version] of Object.entries(wanted))
      assert.match(version, /^\d+\.\d+\.\d+(?:-[\w.]+)?$/, name);
    const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, Pick<Manifest, 'devDependencies' | 'optionalDependencies' | 'version'>> }; // prettier-ignore
    const { devDependencies, optionalDependencies, version } = lock.packages['']!;
    assert.deepEqual({ devDependencies, optionalDependencies, version }, { devDependencies: manifest.devDependencies, optionalDependencies: manifest.optionalDependencies, version: manifest.version }); // prettier-ignore
    assert.doesNotMatch(read('package-lock.json'), /"resolved"/);
  });

  it('names no machine that it was made on', () => {
    // Put together here, so that this file does not name them.
    const places = [['', 'work', ''], ['', 'root', ''], ['', 'Users', ''], ['..', 'shared', '']].map((parts) => parts.join('/')); // prettier-ignore
    const texts = [...filesIn('src', /./), ...filesIn('test', /\.(?:m?ts|md|json|sh)$/), 'README.md', 'CHANGELOG.md', 'package.json', 'esbuild.mjs']; // prettier-ignore
    const found = texts.flatMap((path) =>
      places.flatMap((place) =>
        read(path).split(place).slice(0, -1).some((before) => !/[\w.:}~-]$/.test(before)) ? `${path}: ${place}` : [],
      ),
    ); // prettier-ignore
    assert.deepEqual(found, []);
  });
});
