/**
 * What somebody has typed at Claude's prompt and not sent, by its screen with colours: text that is pasted would join it.
 * Empty where there is nothing, and where the screen shows no prompt as we know it. What Claude itself proposes there is
 * grey, and nobody's words.
 */
export function draftOn(screen: string): string {
  const lines = screen.split('\n').map(withoutColours);
  // The prompt stands between two rules, under all that was said.
  const at = lines.findLastIndex(
    (line, index) => /^❯(?:\s|$)/.test(line.plain) && isRule(lines[index - 1]?.plain),
  );
  const typed = at < 0 ? '' : lines[at]!.typed.replace(/^❯/, '').trim();
  // Where no colours tell.
  return /^Try ".*"$/.test(typed) ? '' : typed;
}

const isRule = (line: string | undefined): boolean => /^─{8,}/.test(line ?? '');

/** The text of a line, and what of it is neither grey nor dim. */
function withoutColours(line: string): { plain: string; typed: string } {
  let plain = '';
  let typed = '';
  let isGrey = false;
  for (const part of line.split(/(\u001b\[[0-9;:]*m)/)) {
    const sequence = /^\u001b\[([0-9;:]*)m$/.exec(part)?.[1];
    if (sequence !== undefined) isGrey = staysGrey(sequence, isGrey);
    else {
      plain += part;
      if (!isGrey) typed += part;
    }
  }
  return { plain: plain.trimEnd(), typed };
}

/** SGR: 2 dims, 38 sets a colour (of 256, 232 to 253 are greys), and 0, 22, 30 to 37 and 39 undo. */
function staysGrey(sequence: string, isGrey: boolean): boolean {
  const colour = /(?:^|;)38;5;(\d+)/.exec(sequence)?.[1];
  if (colour !== undefined) return Number(colour) >= 232 && Number(colour) <= 253;
  const codes = sequence.replace(/[34]8;(?:5;\d+|2;\d+;\d+;\d+)/g, '').split(';');
  if (codes.includes('2')) return true;
  return isGrey && !codes.some((code) => /^(?:0?|22|3[0-7]|39)$/.test(code)) && !sequence.includes('38;2');
}
