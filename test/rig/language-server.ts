// The real YAML language server over stdio, spoken to as an editor does: JSON-RPC with lengths, one document at a time. It
// knows no schema of ours; documents name theirs. Whatever wants to open a connection in it throws, and is seen in `end`.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';

const PROGRAM = join(import.meta.dirname, '../../node_modules/yaml-language-server/bin/yaml-language-server');

/** Nobody is asked for anything: a test must not depend on a network, and an editor need not either. */
const NO_NETWORK = `--import data:text/javascript,${encodeURIComponent(
  "import net from 'node:net'; net.Socket.prototype.connect = () => { process.stderr.write('CONNECTS\\n'); throw new Error('no network'); };",
)}`;

const SETTINGS = {
  yaml: {
    schemaStore: { enable: false },
    validate: true,
    hover: true,
    completion: true,
    format: { enable: false },
    customTags: [],
    schemas: {},
  },
};

export interface Completion {
  readonly label: string;
  readonly detail?: string;
  readonly insertText?: string;
  readonly documentation?: string | { readonly kind: string; readonly value: string };
  readonly textEdit?: { readonly newText: string };
}

export interface Diagnostic {
  readonly message: string;
  /** 1 is an error, 2 a warning. */
  readonly severity: number;
  readonly range: { readonly start: Position; readonly end: Position };
}

interface Position {
  /** From 0. */
  readonly line: number;
  readonly character: number;
}

interface Message {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** A server that lives as long as the test. */
export async function languageServer(folder: string): Promise<LanguageServer> {
  const server = new LanguageServer(folder);
  onTestFinished(async () => void (await server.end()));
  await server.open();
  return server;
}

export class LanguageServer {
  readonly #folder: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #answers = new Map<number, (message: Message) => void>();
  readonly #diagnostics = new Map<string, (found: readonly Diagnostic[]) => void>();
  #input = Buffer.alloc(0);
  #stderr = '';
  #numbers = 0;
  #documents = 0;

  constructor(folder: string) {
    this.#folder = folder;
    this.#child = spawn(process.execPath, [PROGRAM, '--stdio'], {
      cwd: folder,
      env: { PATH: '/usr/bin:/bin', HOME: folder, NODE_OPTIONS: NO_NETWORK },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child.stdout?.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.#ended = new Promise((resolve) => this.#child.once('close', () => resolve()));
  }

  async open(): Promise<void> {
    const uri = pathToFileURL(this.#folder).href;
    await this.#request('initialize', {
      processId: process.pid,
      rootUri: uri,
      workspaceFolders: [{ uri, name: 'project' }],
      capabilities: {
        workspace: { configuration: true },
        textDocument: {
          completion: { completionItem: { snippetSupport: true, documentationFormat: ['markdown'] } },
          hover: { contentFormat: ['markdown'] },
        },
      },
    });
    this.#notify('initialized', {});
    this.#notify('workspace/didChangeConfiguration', { settings: SETTINGS });
  }

  /** What the editor underlines in a document that was just opened. */
  async diagnose(name: string, text: string): Promise<readonly Diagnostic[]> {
    const uri = this.#uri(name);
    const found = new Promise<readonly Diagnostic[]>((resolve) => this.#diagnostics.set(uri, resolve));
    this.#show(uri, text);
    const diagnostics = await found;
    this.#close(uri);
    return diagnostics;
  }

  /** What is offered where the text has `|`. */
  async complete(name: string, marked: string): Promise<readonly Completion[]> {
    const result = await this.#at('textDocument/completion', name, marked);
    return Array.isArray(result) ? result : ((result as { items?: Completion[] } | null)?.items ?? []);
  }

  /** The text that is shown over the `|`, in Markdown. */
  async hover(name: string, marked: string): Promise<string> {
    const result = (await this.#at('textDocument/hover', name, marked)) as {
      readonly contents: { readonly value: string };
    } | null;
    return result?.contents.value ?? '';
  }

  /** What it wrote to standard error. */
  async end(): Promise<string> {
    this.#child.kill();
    await this.#ended;
    return this.#stderr;
  }

  async #at(method: string, name: string, marked: string): Promise<unknown> {
    const uri = this.#uri(name);
    const before = marked.slice(0, marked.indexOf('|')).split('\n');
    const text = marked.replace('|', '');
    const position = { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
    this.#show(uri, text);
    const result = await this.#request(method, { textDocument: { uri }, position });
    this.#close(uri);
    return result;
  }

  /**
   * A place of its own for each text: what was read is kept by place and version, and of a document that was closed it
   * is told once more that nothing is wrong with it.
   */
  #uri(name: string): string {
    this.#documents += 1;
    return pathToFileURL(join(this.#folder, `${this.#documents}-${name}`)).href;
  }

  #show(uri: string, text: string): void {
    this.#notify('textDocument/didOpen', { textDocument: { uri, languageId: 'yaml', version: 1, text } });
  }

  #close(uri: string): void {
    this.#diagnostics.delete(uri);
    this.#notify('textDocument/didClose', { textDocument: { uri } });
  }

  #request(method: string, params: unknown): Promise<unknown> {
    this.#numbers += 1;
    const id = this.#numbers;
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#answers.set(id, (message) => {
        if (message.error) reject(new Error(`${method}: ${message.error.message}`));
        else resolve(message.result);
      });
      void this.#ended.then(() => reject(new Error(`the language server ended: ${this.#stderr}`)));
    });
    this.#send({ id, method, params });
    return answer;
  }

  #notify(method: string, params: unknown): void {
    this.#send({ method, params });
  }

  #send(message: Message): void {
    const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }));
    this.#child.stdin?.write(Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]));
  }

  #take(chunk: Buffer): void {
    this.#input = Buffer.concat([this.#input, chunk]);
    for (;;) {
      const head = this.#input.indexOf('\r\n\r\n');
      if (head === -1) return;
      const length = Number(/Content-Length: (\d+)/i.exec(this.#input.toString('latin1', 0, head))?.[1]);
      if (this.#input.length < head + 4 + length) return;
      const body = this.#input.toString('utf8', head + 4, head + 4 + length);
      this.#input = this.#input.subarray(head + 4 + length);
      this.#hear(JSON.parse(body) as Message);
    }
  }

  #hear(message: Message): void {
    if (message.method === undefined) return this.#answers.get(Number(message.id))?.(message);
    if (message.method === 'textDocument/publishDiagnostics') {
      const { uri, diagnostics } = message.params as { uri: string; diagnostics: readonly Diagnostic[] };
      return this.#diagnostics.get(uri)?.(diagnostics);
    }
    // A server asks, too: for its settings, or to be told of changes.
    if (message.id !== undefined) this.#send({ id: message.id, result: answerTo(message) });
  }
}

function answerTo({ method, params }: Message): unknown {
  if (method !== 'workspace/configuration') return null;
  const { items } = params as { items: readonly { section?: string }[] };
  return items.map(({ section }) => (section === 'yaml' ? SETTINGS.yaml : null));
}
