import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as fc from 'fast-check';
import { quote, quoteForLoginShell } from '../../../src/hosts/quoting';

const nasty = [
  '',
  ' ',
  "'",
  '"',
  '\\',
  '\\\\',
  "\\'",
  '\n',
  '!',
  '!!',
  '$HOME',
  '$(id)',
  '`id`',
  '*',
  '~',
  '=ls',
  '-n',
  ';',
  '&',
  '|',
  '#',
  '{a,b}',
  '%s',
  '\t',
  'é',
  '✓',
  '\u202e',
  '\u0001',
  '\r',
];
const word = fc.oneof(
  fc.constantFrom(...nasty),
  fc.array(fc.constantFrom(...nasty, 'a', 'Z', '0', '/'), { maxLength: 12 }).map((parts) => parts.join('')),
  fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => !text.includes('\0')),
);
const words = fc.array(word, { minLength: 1, maxLength: 8 });

/** A shell's argv, and how it takes a command line. */
const find = (name: string): string | undefined =>
  ['/usr/bin', '/bin', '/usr/local/bin', '/opt/homebrew/bin']
    .map((folder) => `${folder}/${name}`)
    .find(existsSync);
const posix: [string, string[]][] = [
  ['sh', ['sh']],
  ['dash', ['dash']],
  ['bash', ['bash']],
  ['zsh', ['zsh', '-f']],
  ['ksh', ['ksh']],
  ['mksh', ['mksh']],
  ['busybox', ['busybox', 'sh']],
];
const others: [string, string[]][] = [
  ['fish', ['fish', '--no-config']],
  ['tcsh', ['tcsh', '-f']],
];
const here = (shells: [string, string[]][]): [string, string[]][] => shells.filter(([name]) => find(name));

const runs = 20;
const batch = 150;

/** Prints its words, each with its end marked by a NUL, which no word can hold. */
const printer = (argv: string[]): string[] => ['printf', String.raw`%s\0`, ...argv];

function output(shell: string[], line: string, overStdin: boolean): string {
  const [file = '', ...args] = shell;
  const options = {
    encoding: 'utf8' as const,
    env: { PATH: process.env['PATH'], HOME: '/', LC_ALL: 'C.UTF-8' },
  };
  return overStdin
    ? execFileSync(file, args, { ...options, input: line })
    : execFileSync(file, [...args, '-c', line], options);
}

describe('quote', function () {
  this.timeout(60_000);

  it('finds the shells that every machine has', () => {
    assert.ok(here(posix).length >= 2);
  });

  for (const [name, shell] of here(posix))
    it(`is read back by ${name}, on stdin and as an argument`, () => {
      fc.assert(
        fc.property(
          fc.array(words, { minLength: batch, maxLength: batch }),
          fc.boolean(),
          (lines, overStdin) => {
            const text = lines.map((argv) => quote(printer([...argv, 'end']))).join('\n');
            const expected = lines.map((argv) => [...argv, 'end', ''].join('\0')).join('');
            assert.equal(output(shell, `${text}\n`, overStdin), expected);
          },
        ),
        { numRuns: runs },
      );
    });

  it('refuses what no program can receive', () => {
    assert.throws(() => quote(['a\0b']), /NUL/);
    assert.throws(() => quoteForLoginShell(['a\0b']), /NUL/);
  });

  it('quotes harmless words too', () => {
    assert.equal(quote(['ls', '=x', '', "it's"]), String.raw`'ls' '=x' '' 'it'\''s'`);
  });
});

describe('quoteForLoginShell', function () {
  this.timeout(60_000);

  for (const [name, shell] of here([...posix, ...others]))
    it(`is read back by ${name}`, () => {
      fc.assert(
        fc.property(fc.array(words, { minLength: 1, maxLength: 20 }), (lines) => {
          // One line for many words: each call is a process.
          const argv = lines.flat();
          const expected = [...argv, ''].join('\0');
          assert.equal(output(shell, quoteForLoginShell(printer(argv)), false), expected);
        }),
        { numRuns: 60 },
      );
    });

  it('stays legible where it can', () => {
    assert.equal(
      quoteForLoginShell(['tmux', 'attach', '-t', '=PAY-1']),
      "exec 'tmux' 'attach' '-t' '=PAY-1'",
    );
    assert.equal(
      quoteForLoginShell(['echo', '$']),
      String.raw`exec sh -c 'eval "$(printf %b "exec \0047echo\0047 \0047\0044\0047")"'`,
    );
  });
});
