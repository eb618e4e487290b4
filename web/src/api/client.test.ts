import { describe, expect, it, vi } from "vitest";
import { createApi } from "./client.ts";
import { askFirst } from "./first.ts";
import { type JsonObject, LosslessNumber, parseJson, writeJson } from "./json.ts";
import { ApiProblem, UNREACHABLE, UNREADABLE } from "./problem.ts";

interface Sent {
  url: string;
  init: RequestInit;
}

/** A client whose server answers with the given texts, one after the other. */
function clientOf(...answers: [status: number, text: string, headers?: Record<string, string>][]) {
  const sent: Sent[] = [];
  const fetch = vi.fn(async (url: string, init: RequestInit) => {
    sent.push({ url, init });
    const [status, text, headers] = answers[sent.length - 1] ?? [500, ""];
    return new Response(status === 204 ? null : text, { status, ...(headers && { headers }) });
  });
  const api = createApi({
    fetch: fetch as unknown as typeof globalThis.fetch,
    language: () => "ro",
  });
  return { api, sent };
}

const headersOf = (call: Sent | undefined) => call?.init.headers as Record<string, string>;

const session = `{"user":{"id":"u","name":"Ana","email":"a@b.c","language":"ro"},"role":"owner",
  "workspace":{"id":"w","name":"W"},"csrf":"the-token","version":"1","demo":false,"public_url":""}`;

async function problemOf(work: Promise<unknown>): Promise<ApiProblem> {
  const error = await work.then(
    () => null,
    (problem: unknown) => problem,
  );
  expect(error).toBeInstanceOf(ApiProblem);
  return error as ApiProblem;
}

describe("numbers", () => {
  const text = `{"id":820982911946154508,"total":10.10,"count":3,"rate":0.5,"far":1e400,"zero":-0}`;

  it("beyond what JavaScript holds survive a run's way in and out", async () => {
    const { api } = clientOf([200, `{"id":"run_1","event":{"payload":${text}}}`]);
    const run = await api.runs.get("run_1");
    expect(writeJson(run.event?.payload)).toBe(text);
  });

  it("are plain numbers where JavaScript holds them exactly", () => {
    const value = parseJson(text) as Record<string, unknown>;
    expect(value.count).toBe(3);
    expect(value.rate).toBe(0.5);
    expect(value.id).toBeInstanceOf(LosslessNumber);
    expect(value.total).toBeInstanceOf(LosslessNumber);
  });

  it("of a document are sent as they were read", async () => {
    const document = parseJson(
      `{"nodes":[{"params":{"order":820982911946154508,"amount":10.10}}]}`,
    ) as JsonObject;
    const { api, sent } = clientOf([200, `{"etag":"2","problems":[]}`]);
    await api.flows.saveDraft("flow_1", document, `"1"`);
    expect(sent[0]?.init.body).toBe(
      `{"nodes":[{"params":{"order":820982911946154508,"amount":10.10}}]}`,
    );
  });
});

describe("a call", () => {
  it("carries the session's token on writes and never on reads", async () => {
    const { api, sent } = clientOf([200, session], [200, `{"items":[],"next":null}`], [204, ""]);
    await api.session.get();
    await api.flows.list();
    await api.flows.remove("flow_1");
    expect(headersOf(sent[1])["X-CSRF-Token"]).toBeUndefined();
    expect(headersOf(sent[2])["X-CSRF-Token"]).toBe("the-token");
  });

  it("asks for sentences in the reader's language", async () => {
    const { api, sent } = clientOf([200, `{"items":[],"next":null}`]);
    await api.runs.list({ q: "#1042 & more", state: ["failed", "asking"] });
    expect(headersOf(sent[0])["Accept-Language"]).toBe("ro");
    expect(sent[0]?.url).toBe("/api/v1/runs?q=%231042+%26+more&state=failed&state=asking");
  });

  it("saves a draft over exactly the one that was read", async () => {
    const { api, sent } = clientOf(
      [200, `{"id":"flow_1","etag":"stale"}`, { ETag: `"7"` }],
      [200, `{"etag":"x","problems":[]}`, { ETag: `"8"` }],
    );
    const flow = await api.flows.get("flow_1");
    const saved = await api.flows.saveDraft("flow_1", {}, flow.etag);
    expect(headersOf(sent[1])["If-Match"]).toBe(`"7"`);
    expect(saved.etag).toBe(`"8"`);
  });

  it("keeps ids from leaving their place in the path", async () => {
    const { api, sent } = clientOf([204, ""]);
    await api.members.remove("../session?x=1");
    expect(sent[0]?.url).toBe("/api/v1/members/..%2Fsession%3Fx%3D1");
  });
});

describe("a refusal", () => {
  it("becomes a problem with code, place and parameters", async () => {
    const { api } = clientOf([
      412,
      `{"code":"flow.changed_elsewhere","message":"Ana saved it.","path":null,"params":{"by":"Ana"}}`,
    ]);
    const problem = await problemOf(api.flows.saveDraft("flow_1", {}, `"1"`));
    expect(problem).toMatchObject({ status: 412, code: "flow.changed_elsewhere" });
    expect(problem.message).toBe("Ana saved it.");
    expect(problem.params).toEqual({ by: "Ana" });
    expect(problem.passing).toBe(false);
  });

  it("of a flow lists every one of its problems", async () => {
    const { api } = clientOf([
      422,
      `{"code":"flow.problems","message":"2 problems","problems":[
        {"path":"/nodes/0","code":"flow.cycle","message":"A circle","level":"error","params":{}},
        {"path":null,"code":"flow.name","message":"No name","level":"warning","params":{}}]}`,
    ]);
    const problem = await problemOf(api.flows.publish("flow_1", `"1"`));
    expect(problem.problems.map(({ code, level }) => [code, level])).toEqual([
      ["flow.cycle", "error"],
      ["flow.name", "warning"],
    ]);
  });

  it("that is no JSON still becomes a problem", async () => {
    const { api } = clientOf([502, "<html>Bad gateway</html>"]);
    const problem = await problemOf(api.flows.list());
    expect(problem).toMatchObject({ status: 502, code: UNREADABLE, passing: true });
  });

  it("and a silent server are told apart", async () => {
    const fetch = async () => {
      throw new TypeError("Failed to fetch");
    };
    const problem = await problemOf(
      createApi({ fetch: fetch as typeof globalThis.fetch }).health(),
    );
    expect(problem).toMatchObject({ status: 0, code: UNREACHABLE, passing: true });
  });
});

describe("what is asked for ahead", () => {
  it("is asked for once, and answers the first call only", async () => {
    const { api, sent } = clientOf([200, '{"connectors":[]}'], [200, '{"connectors":[1]}']);
    api.transport.begin("/catalog");
    expect(await api.catalog.get()).toEqual({ connectors: [] });
    expect(sent).toHaveLength(1);
    expect(await api.catalog.get()).toEqual({ connectors: [1] });
  });

  it("may have been asked for before the client was there", async () => {
    const early = vi
      .spyOn(globalThis, "fetch")
      .mockResolvedValue(new Response('{"connectors":[]}'));
    askFirst("/catalog", "ro");
    early.mockRestore();
    const { api, sent } = clientOf([200, '{"connectors":[1]}']);
    api.transport.begin("/catalog");
    expect(await api.catalog.get()).toEqual({ connectors: [] });
    expect(sent).toHaveLength(0);
    expect(await api.catalog.get()).toEqual({ connectors: [1] });
  });

  it("is asked for again where it was refused before anybody wanted it", async () => {
    const { api } = clientOf([401, "{}"], [200, '{"connectors":[]}']);
    api.transport.begin("/catalog");
    await new Promise((done) => setTimeout(done));
    await new Promise((done) => setTimeout(done));
    expect(await api.catalog.get()).toEqual({ connectors: [] });
  });
});
