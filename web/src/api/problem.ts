/** The one error type that a call to the server can end with. */
import type { Json, JsonObject } from "./json";
import { isObject } from "./json";

export interface Problem {
  path: string | null;
  code: string;
  message: string;
  level: "error" | "warning";
  params: JsonObject;
}

/** Codes that the client itself gives, for answers in which the server had no say. */
export const UNREACHABLE = "client.unreachable";
export const UNREADABLE = "client.unreadable";

interface ProblemParts {
  status: number;
  code: string;
  message: string;
  params?: JsonObject;
  path?: string | null;
  problems?: Problem[];
}

export class ApiProblem extends Error {
  /** The HTTP status, or 0 where no answer came at all. */
  readonly status: number;
  readonly code: string;
  readonly params: JsonObject;
  readonly path: string | null;
  /** The single problems of a document that was refused; empty for every other error. */
  readonly problems: Problem[];

  constructor(parts: ProblemParts) {
    super(parts.message);
    this.name = "ApiProblem";
    this.status = parts.status;
    this.code = parts.code;
    this.params = parts.params ?? {};
    this.path = parts.path ?? null;
    this.problems = parts.problems ?? [];
  }

  /** Whether the same call may well work a moment later. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export function isProblem(error: unknown, code?: string): error is ApiProblem {
  return error instanceof ApiProblem && (code === undefined || error.code === code);
}

const text = (value: Json | undefined, otherwise: string): string =>
  typeof value === "string" && value !== "" ? value : otherwise;

function readProblem(value: Json): Problem[] {
  if (!isObject(value)) return [];
  return [
    {
      path: typeof value.path === "string" ? value.path : null,
      code: text(value.code, UNREADABLE),
      message: text(value.message, ""),
      level: value.level === "warning" ? "warning" : "error",
      params: isObject(value.params) ? value.params : {},
    },
  ];
}

/** Makes the error for an answer that is not a success, whatever its body holds. */
export function problemFrom(status: number, body: Json | undefined): ApiProblem {
  if (!isObject(body)) return new ApiProblem({ status, code: UNREADABLE, message: "" });
  return new ApiProblem({
    status,
    code: text(body.code, UNREADABLE),
    message: text(body.message, ""),
    params: isObject(body.params) ? body.params : {},
    path: typeof body.path === "string" ? body.path : null,
    problems: Array.isArray(body.problems) ? body.problems.flatMap(readProblem) : [],
  });
}
