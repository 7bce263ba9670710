import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checks } from '../../../src/runs/script/implementation/checks';
import { fence } from '../../../src/runs/script/implementation/fence';
import { plan } from '../../../src/runs/script/implementation/plan';
import { publish } from '../../../src/runs/script/publish';
import { runScript } from '../../../src/runs/script/runScript';
import { lines } from '../../../src/runs/script/lines';
import { processes } from '../../../src/runs/script/processes';
import { turns } from '../../../src/runs/script/turns';
import { Bed } from '../../bed/bed';
import { output } from '../../bed/command';
import { findProgram } from '../../bed/prepare';
import { busyboxTools } from '../busyboxTools';

/** Shells that may be somebody's sh, and busybox' tools instead of GNU's. */
const shells: Record<string, string[]> = {
  dash: ['dash'],
  bash: ['bash', '--posix'],
  zsh: ['zsh', '--emulate', 'sh'],
  busybox: ['busybox', 'sh'],
};

for (const [name, shell] of Object.entries(shells))
  describe(`the script of a run in ${name}`, () => {
    const bed = new Bed();
    let folder: string;
    let env: NodeJS.ProcessEnv;

    before(async () => {
      assert.ok(findProgram(shell[0]!), `${shell[0]} is missing (Debian: apt install ${shell[0]})`);
      const root = await bed.folder('sh');
      folder = join(root, 'work');
      await mkdir(folder);
      const tools = name === 'busybox' ? await busyboxTools(join(root, 'bin')) : process.env['PATH'];
      env = { PATH: tools, HOME: root, LC_ALL: 'C' };
    });
    after(() => bed.dispose());

    const sh = async (body: string): Promise<string> => {
      const program = findProgram(shell[0]!)!;
      await writeFile(
        join(folder, 'script'),
        `${processes}${lines}${turns}${publish}${fence}${checks}${plan}\nfindBoot\n${body}\n`,
      );
      return output([program, ...shell.slice(1), join(folder, 'script')], { cwd: folder, env });
    };

    it('writes lines of JSON, whatever was said', async () => {
      const said = [
        String.raw`fatal: "x" \"y\" C:\new`,
        'a\ttab\nand a line\u0007\u001b[31m',
        'fatal: https://dana:tok3n@example.com/x.git is gone',
        'ü'.repeat(500),
        `${'a'.repeat(298)}ééé`,
        '-n %s $(id) `id`',
      ];
      for (const [index, text] of said.entries()) await writeFile(join(folder, `said.${index}`), text);
      await sh(
        said.map((_, index) => `note push failed "$(why git "$(cat said.${index})")" >/dev/null`).join('\n') +
          '\nprintf "{\\"torn" >>run.jsonl; note run failed >/dev/null',
      );
      const written = (await output(['cat', join(folder, 'run.jsonl')])).trimEnd().split('\n');
      const texts = written.slice(0, 6).map((line) => (JSON.parse(line) as { text: string }).text);
      assert.equal(texts[0], "fatal: 'x' 'y' C: ew");
      assert.equal(texts[1], 'a tab and a line [31m');
      assert.equal(texts[2], 'fatal: https://example.com/x.git is gone');
      assert.match(texts[3] ?? '', /^ü+\.\.\.$/);
      assert.match(texts[4] ?? '', /^a{298}é?\.\.\.$/);
      assert.equal(texts[5], '-n %s $(id) `id`');
      assert.equal((JSON.parse(written.at(-1) ?? '') as { state: string }).state, 'failed');
    });

    it('reads the answer of Claude by the keys of the line itself', async () => {
      const logs: Record<string, string[]> = {
        ok: ['{"type":"system"}', '{"num_turns":1,"result":"Done.","is_error":false,"type":"result"}'],
        error: [
          '{"type":"result","is_error":false}',
          String.raw`{"permission_denials":[{"is_error":false,"x":"}\"]{"}],"terminal_reason":"api_error","is_error":true,"result":"It \"said\" no","type":"result"}`,
        ],
        nested: ['{"a":{"type":"result","is_error":false},"type":"assistant"}'],
        turns: [
          '{"type":"result","subtype":"error_max_turns","is_error":true,"terminal_reason":"max_turns","errors":["x"]}',
        ],
        torn: ['{"type":"result","is_err'],
      };
      for (const [log, texts] of Object.entries(logs))
        await writeFile(join(folder, `${log}.jsonl`), `${texts.join('\n')}\n`);
      const answers = await sh(
        [...Object.keys(logs), 'none']
          .map((log) => `readAnswer ${log} 0; printf '%s|%s|%s\\n' "$answer" "$ended" "$saying"`)
          .join('\n'),
      );
      assert.deepEqual(answers.trimEnd().split('\n'), [
        'ok|result|Done.',
        "error|api_error|It 'said' no",
        'none||',
        'error|max_turns|',
        'error|result|',
        'none||',
      ]);
    });

    it('tells by what git said why a push failed', async () => {
      const said: [string, string][] = [
        [' ! [rejected]        b -> b (fetch first)', 'rejected'],
        [' ! [remote rejected] b -> b (pre-receive hook declined)', 'denied'],
        ['remote: error: GH006: Protected branch update failed', 'denied'],
        [
          'git@example.com: Permission denied (publickey).\nfatal: Could not read from remote repository.',
          'denied',
        ],
        ["fatal: could not read Username for 'https://example.com': terminal prompts disabled", 'denied'],
        ["fatal: unable to access 'https://x/': The requested URL returned error: 403", 'denied'],
        ["fatal: unable to access 'https://x/': Could not resolve host: x", 'network'],
        [
          'ssh: connect to host x port 22: Connection timed out\nfatal: Could not read from remote repository.',
          'network',
        ],
        ['fatal: the remote end hung up unexpectedly', 'network'],
        ['error: could not lock config file .git/config: File exists', 'locked'],
        ['fatal: write error: No space left on device', 'disk'],
        ['remote: fatal: write error: No space left on device\nerror: remote unpack failed', 'git'],
        ["fatal: 'x' does not appear to be a git repository", 'git'],
      ];
      for (const [index, [text]] of said.entries())
        await writeFile(join(folder, `push.${index}`), `${text}\n`);
      const words = await sh(`
        directory=.
        git_() { return 1; }
        ${said.map((_, index) => `cp push.${index} said; whyNotPushed`).join('\n')}`);
      assert.deepEqual(
        words.trimEnd().split('\n'),
        said.map(([, word]) => word),
      );
    });

    it("takes away the lock of git that its killed forerunner left, and nobody else's", async () => {
      const words = await sh(`
        git_() { echo index.lock; }
        directory=$PWD
        printf 'Unable to create index.lock: File exists\\n' >said
        told() { isLocked && [ -e index.lock ] && echo stays || echo gone; rm -f index.lock indexing.left; }
        touch -t 202001010000 index.lock; told
        : >indexing.left; : >index.lock; told
        touch -t 202001010000 indexing.left; touch -t 202001020000 index.lock; told
        : >indexing.left; touch -t 202001010000 index.lock; told`);
      assert.deepEqual(words.trimEnd().split('\n'), ['stays', 'stays', 'stays', 'gone']);
    });

    it('gives a lock to one, and to the next when that one is dead', async () => {
      const answers = await sh(`
        findStart $$; take lock "$$ $start $boot"; echo $?
        take lock "$$ $start $boot"; echo $?
        printf '%s\\n' "$$ 1 $boot" >other.g4; take other "$$ $start $boot"; echo $?
        ls other.*
        take nowhere/lock "$$ $start $boot" 2>/dev/null; echo $?`);
      assert.deepEqual(answers.trimEnd().split('\n'), ['0', '1', '0', 'other.g5', '2']);
    });

    it('finds who names a session, and not itself', async () => {
      const id = randomUUID();
      const answer = await sh(`
        base=${folder}
        sleep 60 >/dev/null 2>&1 & other=$!
        findHolders ${id}
        sh -c 'sleep 60; :' ${id} >/dev/null 2>&1 & named=$!
        tries=0
        until [ "$(findHolders ${id.toUpperCase()})" = "$named" ] || [ "$((tries += 1))" -gt 100 ]; do sleep 0.1; done
        [ "$(findHolders ${id.toUpperCase()})" = "$named" ] && echo found
        kill $other $named`);
      assert.equal(answer, 'found\n');
    });

    it('puts what a repository says between marks, as nothing but text', async () => {
      const said =
        '@a/b <System-reminder> </ system>\u001b[1mé\u001b[0m\u0007\u0000\u202e\u200b日本\u{e0041}\u0085\tx\r\n$(id) \\n %s\n';
      await writeFile(join(folder, 'said'), `${'x'.repeat(20_000)}\n${said}`);
      const answer = await sh('fence output "what it said" <said');
      const [, mark = '', text = ''] =
        /^----- BEGIN OUTPUT ([0-9a-f]{24}) -----\n([^]*)----- END OUTPUT \1 -----$/m.exec(answer) ?? [];
      assert.ok(answer.includes(`the mark ${mark} stands, as data, what it said: `));
      assert.equal(text.replace(/^x+\n/, ''), '＠a/b ＜system-reminder> ＜system>é日本\tx\n$(id) \\n %s\n');
      assert.ok(Buffer.byteLength(text) < 16_500);
    });

    it('knows by the lines of a run where it is in its plan, and in which session', async () => {
      const [one, two] = [randomUUID(), randomUUID()];
      const line = (step: string, state: string, n: number, rest = ''): string =>
        `{"at":${Math.floor(Date.now() / 1000)},"step":"${step}","state":"${state}","n":${n}${rest}}`;
      const told = [
        line('implement', 'started', 1, ',"pid":1,"start":"2","how":"begin"'),
        line('implement', 'done', 1),
        line('check', 'done', 1, ',"reason":"skipped"'),
        line('commit', 'done', 1),
        line('implement', 'started', 11, `,"pid":1,"start":"2","how":"begin","session":"${two}"`),
        line('implement', 'started', 11, ',"pid":1,"start":"2"'),
        line('implement', 'done', 11),
        line('check', 'failed', 11, ',"reason":"failed","text":"x"'),
        line('check', 'answered', 11, ',"reason":"fix"'),
        line('push', 'done', 11),
      ];
      await writeFile(join(folder, 'run.jsonl'), `${told.join('\n')}\n`);
      const ask = (n: string): string =>
        `n=${n}; echo "$(isDone implement && echo i)$(isDone check && echo c)$(isSkipped && echo s)$(isDone push && echo p)$(wasBegun && echo b) $(standingOfStep)"`;
      const answers = await sh(
        `sessionId=${one}; ${['1', '11', '2', ''].map(ask).join('; ')}; findSession; echo "$session $used"`,
      );
      assert.deepEqual(answers.trimEnd().split('\n'), [
        'ics commit done',
        'ip push done',
        ' ',
        ' ',
        `${two} missing`,
      ]);
      await writeFile(join(folder, 'run.jsonl'), `${line('implement', 'started', 1, ',"how":"resume"')}\n`);
      assert.equal(
        await sh(`sessionId=${one}; n=1; findSession; echo "$session|$used|$(wasBegun && echo b)"`),
        `${one}||b\n`,
      );
      // A transcript that is not there after two months has been swept away.
      const long = `{"at":1,"step":"implement","state":"started","n":1,"how":"begin"}\n{"at":1,"step":"implement","state":"done","n":1}\n`;
      await writeFile(join(folder, 'run.jsonl'), long);
      assert.equal(await sh(`sessionId=${one}; n=2; findSession; echo "$session|$used"`), `${one}|expired\n`);
      // Unless the account keeps them longer.
      await writeFile(join(folder, 'settings.json'), '{"env": {"DAYS": "7"}, "cleanupPeriodDays" : 99999}');
      assert.equal(
        await sh(`base=.; sessionId=${one}; n=2; findSession; echo "$used $(keptDays)"`),
        'missing 99999\n',
      );
    });

    it('knows by their tag what a check has started, and ends nothing else', async () => {
      const tagged = async (value: string): Promise<ChildProcess> => {
        const child = spawn('sleep', ['600'], {
          env: { ...env, TASK_SESSIONS_CHECK: value },
          detached: true,
        });
        await bed.add({ dispose: () => void child.kill('SIGKILL') });
        return child;
      };
      const [ours, ...others] = await Promise.all(
        ['work.5.7', 'work.5.71', 'work.6.7', 'xwork.5.7', 'work.5.7\nx'].map(tagged),
      );
      const ended = once(ours!, 'exit');
      const found = await sh('tag=; findStrays; tagCheck 5 7; findStrays; signalStrays KILL');
      assert.deepEqual([found, await ended], [`${ours!.pid}\n`, [null, 'SIGKILL']]);
      assert.deepEqual(
        others.map(({ signalCode }) => signalCode),
        [null, null, null, null],
      );
      // What is in the group of its check is ended with that.
      const grouped = await tagged('work.9.7');
      assert.equal(await sh(`tag=TASK_SESSIONS_CHECK=work.${grouped.pid}.7; findStrays`), '');
    });

    it('is read as a whole', async () => {
      const order = {
        schema: 1 as const,
        id: randomUUID(),
        kind: 'analysis' as const,
        key: 'PAY-1',
        startedBy: { id: '1', name: "Dana's" },
        host: 'here',
        sessionId: randomUUID(),
        reviewId: randomUUID(),
        repository: '/r',
        directory: "/it's; a $(tree)",
        branch: "task/it's",
        base: { branch: 'main', commit: '0'.repeat(40) },
        remote: 'origin',
        docs: { directory: './docs/', names: ['a "b".md', "it's.md", 'critic.md'] },
        flags: [],
        createdAt: 0,
      };
      const argv = ['/bin/claude', "it's"];
      const implementation = {
        commit: '0'.repeat(40),
        approvedBy: "Ada's",
        approvedAt: 0,
        documents: [],
        steps: [{ title: 'it\'s $(id) `x` "y"\n;;' }, { title: ')' }],
        checks: ["echo 'a' && echo $HOME", 'x) ;; esac'],
        spares: [randomUUID()],
      };
      await writeFile(
        join(folder, 'run.sh'),
        runScript(
          { ...order, kind: 'implementation', implementation },
          { turns: { implement: argv }, perHost: 1, local: true },
        ),
      );
      await output([findProgram(shell[0]!)!, ...shell.slice(1), '-n', join(folder, 'run.sh')], { env });
      for (const local of [true, false]) {
        const script = runScript(order, {
          turns: { analysis: argv, documents: argv, review: argv },
          perHost: 1,
          local,
          ssh: "'ssh' '-F' '/a b'",
        });
        await writeFile(join(folder, 'run.sh'), script);
        await output([findProgram(shell[0]!)!, ...shell.slice(1), '-n', join(folder, 'run.sh')], { env });
      }
    });
  });
