/**
 * One call to the server: headers, exact JSON both ways, and errors as `ApiProblem`.
 *
 * It knows no endpoint; `client.ts` does.
 */
import { base, takeFirst } from "./first";
import { type Json, parseAnswer, UnreadableJson, writeJson } from "./json";
import { ApiProblem, problemFrom, UNREACHABLE, UNREADABLE } from "./problem";
import { noteReach } from "./reach";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
/** A list stands in the address once for each of its values. */
export type Query = Record<string, string | number | boolean | string[] | undefined>;

export interface Call {
  query?: Query;
  body?: unknown;
  /** The body where it was written as JSON before. */
  written?: string;
  /** The version of the draft that this write builds on. */
  ifMatch?: string;
  signal?: AbortSignal;
  /** Is sent even though the page is being left. */
  keepalive?: boolean;
}

export interface Answer<Body> {
  body: Body;
  etag: string | null;
}

export interface TransportOptions {
  base?: string;
  fetch?: typeof fetch;
  /** The language in which the server writes its sentences. */
  language?: () => string;
}

export class Transport {
  readonly base: string;
  /** The token that proves a write comes from our own pages; set from each session answer. */
  csrf: string | null = null;
  language: () => string;
  /** Is told when the server knows no session any more, whatever was asked for. */
  onSignedOut: () => void = () => {};
  readonly #fetch: typeof fetch;
  /** What was asked for ahead, by address and language. */
  readonly #begun = new Map<string, Promise<Answer<unknown>>>();

  constructor(options: TransportOptions = {}) {
    this.base = options.base ?? base;
    this.#fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
    this.language = options.language ?? (() => document.documentElement.lang || "en");
  }

  /** Asks ahead for what the page will want: the first call for it gets this answer. */
  begin(path: string): void {
    const key = this.#key(path);
    const first = takeFirst(this.url(path), this.language());
    const answer = this.#ask<unknown>("GET", path, {}, first);
    this.#begun.set(key, answer);
    // An old refusal is nobody's answer: whoever calls later asks once more.
    answer.catch(() => this.#begun.delete(key));
  }

  async send<Body>(method: Method, path: string, call: Call = {}): Promise<Answer<Body>> {
    const key = this.#key(path);
    const begun = method === "GET" && call.query === undefined ? this.#begun.get(key) : undefined;
    if (!begun) return this.#ask(method, path, call);
    this.#begun.delete(key);
    return begun as Promise<Answer<Body>>;
  }

  /** `first` is the answer where it has been asked for already. */
  async #ask<Body>(
    method: Method,
    path: string,
    call: Call,
    first?: Promise<Response>,
  ): Promise<Answer<Body>> {
    const init = {
      method,
      headers: this.headers(method, call),
      body: call.written ?? (call.body === undefined ? null : writeJson(call.body)),
      credentials: "same-origin",
      signal: call.signal ?? null,
      ...(call.keepalive && { keepalive: true }),
    } as const;
    const response = await this.#reach(this.url(path, call.query), init, first);
    const body = await readBody(response);
    if (!response.ok) throw this.#refusal(response.status, body);
    return { body: body as Body, etag: response.headers.get("ETag") };
  }

  /** Opens a stream that stays open; the caller reads its body. */
  async open(path: string, query: Query, headers: Record<string, string>, signal: AbortSignal) {
    const response = await this.#reach(this.url(path, query), {
      headers: { Accept: "text/event-stream", "Accept-Language": this.language(), ...headers },
      credentials: "same-origin",
      cache: "no-store",
      signal,
    });
    if (!response.ok) throw this.#refusal(response.status, await readBody(response));
    if (!response.body) throw new ApiProblem({ status: 0, code: UNREADABLE, message: "" });
    return response.body;
  }

  url(path: string, query: Query = {}): string {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      if (Array.isArray(value)) for (const one of value) search.append(name, one);
      else if (value !== undefined && value !== "") search.set(name, String(value));
    }
    const text = search.toString();
    return this.base + path + (text === "" ? "" : `?${text}`);
  }

  headers(method: Method, call: Call): Record<string, string> {
    const headers: Record<string, string> = {
      Accept: "application/json",
      "Accept-Language": this.language(),
    };
    const writes = call.body !== undefined || call.written !== undefined;
    if (writes) headers["Content-Type"] = "application/json";
    if (call.ifMatch !== undefined) headers["If-Match"] = call.ifMatch;
    if (method !== "GET" && this.csrf !== null) headers["X-CSRF-Token"] = this.csrf;
    return headers;
  }

  #refusal(status: number, body: Json | undefined): ApiProblem {
    const problem = problemFrom(status, body);
    if (problem.code === "session.none") this.onSignedOut();
    return problem;
  }

  #key(path: string): string {
    return `${this.language()} ${path}`;
  }

  async #reach(url: string, init: RequestInit, first?: Promise<Response>): Promise<Response> {
    try {
      const response = await (first ?? this.#fetch(url, init));
      noteReach(true);
      return response;
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") throw error;
      noteReach(false);
      throw new ApiProblem({ status: 0, code: UNREACHABLE, message: "" });
    }
  }
}

async function readBody(response: Response): Promise<Json | undefined> {
  const text = await response.text();
  if (text === "") return undefined;
  try {
    return parseAnswer(text);
  } catch (error) {
    // A refusal may come from something in front of the server and be no JSON at all.
    if (!response.ok || !(error instanceof UnreadableJson)) return undefined;
    throw new ApiProblem({ status: response.status, code: UNREADABLE, message: "" });
  }
}

/** One part of a path, safe whatever characters it holds. */
export const part = (value: string): string => encodeURIComponent(value);
