import { SerializeAddon } from '@xterm/addon-serialize';
import { Terminal } from '@xterm/headless';

const historyLines = 5000;
const textLines = 2000;

/** What a terminal of that size would show: kept without anybody looking, so that the next one sees it all. */
export class Screen {
  private readonly terminal: Terminal;
  private readonly serializer = new SerializeAddon();
  /** Answers to questions of the program (where is the cursor, what are you). */
  onAnswer: (data: string) => void = () => {};

  constructor(columns: number, rows: number) {
    this.terminal = new Terminal({ cols: columns, rows, scrollback: historyLines, allowProposedApi: true });
    this.terminal.loadAddon(this.serializer);
    this.terminal.onData((data) => this.onAnswer(data));
  }

  write(data: string, written: () => void): void {
    this.terminal.write(data, written);
  }

  resize(columns: number, rows: number): void {
    if (columns !== this.terminal.cols || rows !== this.terminal.rows) this.terminal.resize(columns, rows);
  }

  /** Resolves when all that was written is on the screen. */
  settled(): Promise<void> {
    return new Promise((resolve) => this.terminal.write('', resolve));
  }

  get wantsBracketedPaste(): boolean {
    return this.terminal.modes.bracketedPasteMode;
  }

  /** Brings a cleared terminal of the same size to this state: history, screen, cursor, modes. */
  replay(): string {
    return this.serializer.serialize({ scrollback: historyLines });
  }

  /** History and screen as text, with lines that were wrapped joined. */
  text(): string {
    const { active } = this.terminal.buffer;
    const lines: string[] = [];
    for (let index = Math.max(0, active.length - textLines); index < active.length; index += 1) {
      const line = active.getLine(index);
      if (!line) continue;
      const text = line.translateToString(true);
      if (line.isWrapped && lines.length > 0) lines.push(`${lines.pop()}${text}`);
      else lines.push(text);
    }
    return lines.join('\n').trimEnd();
  }
}
