import { type Mark, type MarkupNode, textNode } from '../../markup/node';

/** The inline nodes of one line of wiki markup: marks, links, mentions, images, emoticons, escapes. */
export function wikiLine(line: string): MarkupNode[] {
  return new LineParser(line, [], 0).parse();
}

const phrases: Readonly<Partial<Record<string, string>>> = {
  '*': 'strong',
  _: 'em',
  '-': 'strike',
  '+': 'underline',
  '^': 'sup',
  '~': 'sub',
};

const emoticons: Readonly<Record<string, string>> = {
  '(/)': '✅',
  '(x)': '❌',
  '(!)': '⚠️',
  '(i)': 'ℹ️',
  '(?)': '❓',
  '(on)': '💡',
  '(off)': '💡',
  '(+)': '➕',
  '(-)': '➖',
  '(*)': '⭐',
  '(y)': '👍',
  '(n)': '👎',
};

const maxNesting = 6;
const isWord = (character: string): boolean => /[\p{L}\p{N}]/u.test(character);

class LineParser {
  private readonly nodes: MarkupNode[] = [];
  private text = '';
  private at = 0;
  /** Marks that have no end after the place where one was last sought: sought once, so that all stays linear. */
  private readonly endless = new Set<string>();

  constructor(
    private readonly line: string,
    private readonly marks: readonly Mark[],
    private readonly depth: number,
  ) {}

  parse(): MarkupNode[] {
    while (this.at < this.line.length) {
      if (!this.special(this.line.charAt(this.at))) {
        this.text += this.line.charAt(this.at);
        this.at++;
      }
    }
    this.flush();
    return this.nodes;
  }

  /** Takes what begins here, if it is more than a character. */
  private special(character: string): boolean {
    switch (character) {
      case '\\':
        return this.escape();
      case '{':
        return this.brace();
      case '[':
        return this.link();
      case '!':
        return this.image();
      case '(':
        return this.emoticon();
      case 'h':
        return this.address();
      case '&':
        return this.entity();
      case '*':
      case '_':
      case '-':
      case '+':
      case '^':
      case '~':
        return this.phrase(character);
      default:
        return false;
    }
  }

  private push(nodes: readonly MarkupNode[]): true {
    this.flush();
    for (const node of nodes) this.nodes.push(node);
    return true;
  }

  private flush(): void {
    if (this.text !== '') this.nodes.push(textNode(this.text, this.marks));
    this.text = '';
  }

  private escape(): boolean {
    const next = this.line.charAt(this.at + 1);
    if (next === '\\') {
      this.at += 2;
      return this.push([{ type: 'hardBreak' }]);
    }
    if (!/[{}[\]*_+^~!|()#?-]/.test(next)) return false;
    this.text += next;
    this.at += 2;
    return true;
  }

  /** `&#92;`: how wiki markup writes a backslash. */
  private entity(): boolean {
    const match = /^&#(\d{1,7});/.exec(this.line.slice(this.at, this.at + 12));
    const point = Number(match?.[1]);
    if (!match || point < 32 || point > 0x10ffff) return false;
    this.text += String.fromCodePoint(point);
    this.at += match[0].length;
    return true;
  }

  /** `{{mono}}`, `{*}strong{*}` inside a word, or `{color:red}` and `{anchor:x}`, which show nothing themselves. */
  private brace(): boolean {
    if (!this.line.startsWith('{{', this.at)) {
      if (this.line.charAt(this.at + 2) === '}') return this.braced(this.line.charAt(this.at + 1));
      const tag = /^\{(?:color|anchor)(?::[^{}]{0,100})?\}/.exec(this.line.slice(this.at, this.at + 120));
      this.at += tag?.[0].length ?? 0;
      return tag !== null;
    }
    const end = this.find('}}', this.at + 2);
    if (end <= this.at + 2) return false;
    const inner = this.line.slice(this.at + 2, end).replace(/\\([{}[\]*_+^~!|()#?-])/g, '$1');
    this.at = end + 2;
    return this.push([textNode(inner, [...this.marks, { type: 'code' }])]);
  }

  private braced(character: string): boolean {
    const type = phrases[character];
    const tag = `{${character}}`;
    const end = type && this.depth < maxNesting ? this.find(tag, this.at + 3) : -1;
    if (!type || end < 0) return false;
    const inner = this.line.slice(this.at + 3, end);
    this.at = end + 3;
    return this.push(new LineParser(inner, [...this.marks, { type }], this.depth + 1).parse());
  }

  private find(end: string, from: number): number {
    if (this.endless.has(end)) return -1;
    const at = this.line.indexOf(end, from);
    if (at < 0) this.endless.add(end);
    return at;
  }

  /** `[text|url]`, `[url]`, `[~user]`, `[^file]`; anything else in brackets is text. */
  private link(): boolean {
    let end = this.at + 1;
    while (end < this.line.length && !'[]'.includes(this.line.charAt(end))) {
      if (this.line.charAt(end) === '\\') end++;
      end++;
    }
    if (this.line.charAt(end) !== ']') return false;
    const parts = this.line.slice(this.at + 1, end).split('|');
    const [first = '', second] = parts;
    const node =
      second === undefined
        ? this.reference(first)
        : this.depth < maxNesting
          ? this.named(first, second)
          : undefined;
    if (!node) return false;
    this.at = end + 1;
    return this.push(node);
  }

  private reference(text: string): MarkupNode[] | undefined {
    if (text.startsWith('~')) return [{ type: 'mention', attrs: { text: `@${text.slice(1)}` } }];
    if (text.startsWith('^')) return [textNode(text.slice(1), this.marks)];
    return isAddress(text) ? [textNode(text, [...this.marks, linkTo(text)])] : undefined;
  }

  private named(text: string, target: string): MarkupNode[] | undefined {
    const href = target.trim();
    if (text === '' || href === '') return undefined;
    return new LineParser(text, [...this.marks, linkTo(href)], this.depth + 1).parse();
  }

  /** `!file.png|width=300!`: named, never loaded. */
  private image(): boolean {
    const match = /^!([^!|\s][^!|]{0,300}\.[A-Za-z0-9]{2,5})(?:\|[^!]{0,200})?!/.exec(
      this.line.slice(this.at, this.at + 520),
    );
    if (!match) return false;
    this.at += match[0].length;
    return this.push([{ type: 'mediaInline', attrs: { alt: match[1] } }]);
  }

  private emoticon(): boolean {
    if (isWord(this.before(this.at))) return false;
    const next = this.line.slice(this.at, this.at + 5);
    const sign = next.slice(0, next.indexOf(')') + 1);
    const emoji = Object.hasOwn(emoticons, sign) ? emoticons[sign] : undefined;
    if (emoji === undefined) return false;
    this.text += emoji;
    this.at += sign.length;
    return true;
  }

  private address(): boolean {
    if (isWord(this.before(this.at)) || this.marks.some((mark) => mark.type === 'link')) return false;
    const match = /^https?:\/\/[^\s|[\]{}"<>\\]{1,2000}/.exec(this.line.slice(this.at, this.at + 2010));
    if (!match) return false;
    const url = match[0].replace(/[.,;:!?)*_]{1,5}$/, '');
    this.at += url.length;
    return this.push([textNode(url, [...this.marks, linkTo(url)])]);
  }

  /** `*strong*` and its like: a mark opens before a word and closes after one, within the line. */
  private phrase(character: string): boolean {
    const name = phrases[character];
    const after = this.line.charAt(this.at + 1);
    if (!name || this.depth >= maxNesting || isWord(this.before(this.at))) return false;
    if (after === '' || after === ' ' || after === character) return false;
    const end = this.closing(character);
    if (end < 0) return false;
    const inner = this.line.slice(this.at + 1, end);
    this.at = end + 1;
    return this.push(new LineParser(inner, [...this.marks, { type: name }], this.depth + 1).parse());
  }

  private closing(character: string): number {
    if (this.endless.has(character)) return -1;
    for (let at = this.at + 2; at < this.line.length; at++) {
      if (this.line.charAt(at) !== character) continue;
      const before = this.line.charAt(at - 1);
      if (before !== ' ' && before !== '\\' && !isWord(this.line.charAt(at + 1))) return at;
    }
    this.endless.add(character);
    return -1;
  }

  private before(at: number): string {
    return at > 0 ? this.line.charAt(at - 1) : '';
  }
}

const linkTo = (href: string): Mark => ({ type: 'link', attrs: { href } });

const isAddress = (text: string): boolean => /^(?:https?:\/\/|mailto:)\S+$/.test(text);
