/** A parsed query: what must hold, and in which order results come. */
export interface Jql {
  where: Clause | undefined;
  orderBy: { field: string; descending: boolean }[];
}

export type Clause =
  | { kind: 'and' | 'or'; clauses: Clause[] }
  | { kind: 'not'; clause: Clause }
  | { kind: 'term'; field: string; operator: Operator; values: Operand[] };

export type Operator = '=' | '!=' | '~' | '!~' | '<' | '<=' | '>' | '>=' | 'in' | 'not in' | 'is' | 'is not';

export type Operand = { kind: 'text'; text: string } | { kind: 'call'; name: string; args: string[] };

/** What Jira answers to a query that it does not understand. */
export class JqlError extends Error {}

interface TokenOfQuery {
  kind: 'word' | 'quoted' | 'mark';
  text: string;
  at: number;
}

/** Parses the subset of JQL that the simulator knows; throws {@link JqlError} in Jira's words. */
export function parseJql(query: string): Jql {
  return new Parser(tokens(query)).query();
}

function tokens(query: string): TokenOfQuery[] {
  const pattern =
    /\s+|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(!=|!~|>=|<=|&&|\|\||[=~<>!(),])|([^\s"'=~<>!(),|&]+)/gy;
  const found: TokenOfQuery[] = [];
  while (pattern.lastIndex < query.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(query);
    if (!match)
      throw new JqlError(
        `Error in the JQL Query: The character '${query[at] ?? ''}' is not allowed here. (line 1, character ${at + 1})`,
      );
    const quoted = match[1] ?? match[2];
    if (quoted !== undefined) found.push({ kind: 'quoted', text: quoted.replace(/\\(.)/g, '$1'), at });
    else if (match[3]) found.push({ kind: 'mark', text: match[3], at });
    else if (match[4]) found.push({ kind: 'word', text: match[4], at });
  }
  return found;
}

class Parser {
  private position = 0;

  constructor(private readonly tokens: TokenOfQuery[]) {}

  query(): Jql {
    const atOrder = this.isWord('order');
    const where = this.tokens.length === 0 || atOrder ? undefined : this.or();
    const orderBy = this.orderBy();
    if (this.peek()) throw this.unexpected('either', "'OR' or 'AND'");
    return { where, orderBy };
  }

  private or(): Clause {
    const clauses = [this.and()];
    while (this.take('or', '||', '|')) clauses.push(this.and());
    return clauses.length === 1 && clauses[0] ? clauses[0] : { kind: 'or', clauses };
  }

  private and(): Clause {
    const clauses = [this.not()];
    while (this.take('and', '&&', '&')) clauses.push(this.not());
    return clauses.length === 1 && clauses[0] ? clauses[0] : { kind: 'and', clauses };
  }

  private not(): Clause {
    if (this.take('not', '!')) return { kind: 'not', clause: this.not() };
    if (this.take('(')) {
      const clause = this.or();
      if (!this.take(')')) throw this.unexpected('', "')'");
      return clause;
    }
    return this.term();
  }

  private term(): Clause {
    const field = this.next();
    if (!field || field.kind === 'mark') throw this.unexpected('', 'a field name', field);
    const operator = this.operator();
    if (operator === 'in' || operator === 'not in') {
      // A function may stand for the list: sprint in openSprints().
      if (!this.take('(')) return { kind: 'term', field: field.text, operator, values: [this.operand()] };
      const values = [this.operand()];
      while (this.take(',')) values.push(this.operand());
      if (!this.take(')')) throw this.unexpected('', "')'");
      return { kind: 'term', field: field.text, operator, values };
    }
    return { kind: 'term', field: field.text, operator, values: [this.operand()] };
  }

  private operator(): Operator {
    const token = this.next();
    const text = token?.kind === 'quoted' ? '' : (token?.text.toLowerCase() ?? '');
    switch (text) {
      case '=':
      case '!=':
      case '~':
      case '!~':
      case '<':
      case '<=':
      case '>':
      case '>=':
      case 'in':
        return text;
      case 'is':
        return this.take('not') ? 'is not' : 'is';
      case 'not':
        if (this.take('in')) return 'not in';
    }
    throw this.unexpected('', 'operator but got', token);
  }

  private operand(): Operand {
    const token = this.next();
    if (!token || token.kind === 'mark') throw this.unexpected('', 'a value', token);
    if (token.kind === 'quoted' || !this.take('(')) return { kind: 'text', text: token.text };
    const args: string[] = [];
    while (!this.take(')')) {
      const arg = this.next();
      if (!arg) throw this.unexpected('', "')'");
      if (arg.text !== ',' || arg.kind === 'quoted') args.push(arg.text);
    }
    return { kind: 'call', name: token.text, args };
  }

  private orderBy(): Jql['orderBy'] {
    if (!this.take('order')) return [];
    if (!this.take('by')) throw this.unexpected('', "'BY'");
    const fields: Jql['orderBy'] = [];
    do {
      const field = this.next();
      if (!field || field.kind === 'mark') throw this.unexpected('', 'a field name', field);
      const descending = this.take('desc');
      if (!descending) this.take('asc');
      fields.push({ field: field.text, descending });
    } while (this.take(','));
    if (fields.length > 7) throw new JqlError('The number of ORDER BY fields exceeds the limit of 7.');
    return fields;
  }

  private peek(): TokenOfQuery | undefined {
    return this.tokens[this.position];
  }

  private next(): TokenOfQuery | undefined {
    return this.tokens[this.position++];
  }

  private isWord(text: string): boolean {
    const token = this.peek();
    return token !== undefined && token.kind !== 'quoted' && token.text.toLowerCase() === text;
  }

  private take(...texts: string[]): boolean {
    const found = texts.some((text) => this.isWord(text));
    if (found) this.position += 1;
    return found;
  }

  private unexpected(prefix: string, wanted: string, token = this.peek()): JqlError {
    const expecting = `Expecting ${prefix ? `${prefix} ` : ''}${wanted}`;
    return new JqlError(
      token
        ? `Error in the JQL Query: ${expecting}${wanted.endsWith('got') ? '' : ' but got'} '${token.text}'. (line 1, character ${token.at + 1})`
        : `Error in JQL Query: ${expecting.replace(/ but got$/, '')} before the end of the query.`,
    );
  }
}
