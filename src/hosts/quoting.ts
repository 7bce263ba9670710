import { UserError } from '../model/errors';

/**
 * An argv as words of a POSIX shell command line: every argument in single quotes, whatever it holds
 * (an unquoted `=x` means something to zsh). Correct for sh, dash, bash, zsh, ksh and busybox; not for fish and tcsh.
 */
export function quote(argv: readonly string[]): string {
  return argv.map((word) => `'${refuseNul(word).replaceAll("'", String.raw`'\''`)}'`).join(' ');
}

/**
 * An argv as a command line that every login shell reads the same way, fish and tcsh included: where a word holds more than
 * harmless characters, sh gets the whole line in octal. For the one string that `ssh -tt HOST` hands to the login shell.
 */
export function quoteForLoginShell(argv: readonly string[]): string {
  const line = `exec ${quote(argv)}`;
  return argv.every((word) => /^[A-Za-z0-9 _/.:=,@+-]*$/.test(word)) ? line : octal(line);
}

/** `line` without one character that any shell would read: printf and eval of a POSIX sh put it together again. */
function octal(line: string): string {
  const bytes = Buffer.from(line);
  let text = '';
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    text += /[A-Za-z0-9 _/.:=,@+-]/.test(character) ? character : `\\0${byte.toString(8).padStart(3, '0')}`;
  }
  return `exec sh -c 'eval "$(printf %b "${text}")"'`;
}

function refuseNul(word: string): string {
  if (!word.includes('\0')) return word;
  throw new UserError('A command argument holds a NUL character.', 'Remove it: no program can receive it.');
}
