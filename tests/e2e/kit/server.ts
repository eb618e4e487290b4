/** A real server of its own for each file of stories: its folder, its process, its API. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { python, root } from "./component.ts";
import { patience_ms, slowness } from "./slow.ts";

export interface ServerOptions {
  /** `demo` has a furnished shop, in which nothing happens until a story lets it. */
  command: "demo" | "serve";
  env?: Record<string, string>;
}

// biome-ignore lint/suspicious/noExplicitAny: stories read answers, and fail where one is not as they say.
export type Body = any;

export interface Answer {
  status: number;
  text: string;
  body: Body;
}

const startWithin = 180_000;

export async function freePort(): Promise<number> {
  const taken = createServer();
  await new Promise<void>((done) => taken.listen(0, "127.0.0.1", done));
  const address = taken.address();
  await new Promise((done) => taken.close(done));
  return typeof address === "object" && address ? address.port : 0;
}

export class Server {
  readonly url: string;
  /** The one-time link that the start printed; its account, where there is one already, is gone. */
  link = "";
  /** Everything that the server printed. */
  said = "";
  #process: ChildProcess | null = null;

  private constructor(
    readonly folder: string,
    private readonly port: number,
    private readonly options: ServerOptions,
  ) {
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(options: ServerOptions): Promise<Server> {
    const folder = await mkdtemp(join(tmpdir(), "tramo-e2e-"));
    const server = new Server(folder, await freePort(), options);
    await server.run();
    return server;
  }

  /** Starts the process, at first or once more after `kill`. */
  async run(): Promise<void> {
    const { command, env } = this.options;
    const own = command === "demo" ? ["--orders-every-s", "0"] : [];
    const begun = this.said.length;
    const data = join(this.folder, "data");
    const serve = ["-m", "tramo.app.cli", command, "--port", `${this.port}`, "--data", data];
    const child = spawn("nice", ["-n", slowness > 1 ? "10" : "0", python, ...serve, ...own], {
      cwd: this.folder,
      env: {
        ...process.env,
        PYTHONPATH: ["runtime", "web", "plugins"].map((room) => join(root, room)).join(":"),
        PYTHONDONTWRITEBYTECODE: "1",
        TRAMO_DATA: data,
        TRAMO_KEY_FILE: join(this.folder, "key.toml"),
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process = child;
    const hear = (chunk: Buffer) => {
      this.said += chunk.toString();
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    const deadline = Date.now() + startWithin;
    const ready = command === "demo" ? "Stop with Ctrl-C" : "Tramo serves";
    while (!this.said.slice(begun).includes(ready)) {
      if (child.exitCode !== null || Date.now() > deadline) {
        throw new Error(`The server did not start:\n${this.said}`);
      }
      await pause(50);
    }
    await pause(50);
    this.link = /http\S+\/start#t=\S+/.exec(this.said.slice(begun))?.[0] ?? "";
  }

  /** Ends the process and waits for its end; SIGKILL is what a power cut does to it. */
  async kill(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child.once("exit", done));
    child.kill(signal);
    const late = setTimeout(() => child.kill("SIGKILL"), 8_000);
    await ended;
    clearTimeout(late);
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Asks the API as the command line does, to arrange what a story is not about. */
  async call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const inner = this.options.command === "demo" ? "data/data" : "data";
    const file = await readFile(join(this.folder, inner, "server.json"), "utf8");
    const { token } = JSON.parse(file) as { token: string };
    const answer = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, text, body: text === "" ? null : JSON.parse(text) };
  }

  /** Like `call`, and any refusal is the story's end; a busy server is asked once more. */
  async ask(method: string, path: string, body?: unknown): Promise<Body> {
    const answer = await until(`an answer to ${method} ${path}`, async () => {
      const given = await this.call(method, path, body);
      return given.body?.code !== "store.busy" && given;
    });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.text}`);
    return answer.body;
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}

/** Waits for what a function returns to be something, with a deadline. */
export async function until<Value>(
  what: string,
  look: () => Promise<Value | null | undefined | false>,
  withinMs = patience_ms,
): Promise<Value> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`Waited ${withinMs} ms for ${what}.`);
    await pause(80);
  }
}
