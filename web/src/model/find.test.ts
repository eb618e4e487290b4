import { expect, test } from "vitest";
import { parseJson } from "~/api/json";
import { catalog } from "../../test/catalog";
import { findInFlow } from "./find";
import { readFlow } from "./flow";
import { nodeTypesOf } from "./port";

const flow = readFlow(
  parseJson(`{"format":1,"id":"flow_1","name":"T","nodes":[
    {"id":"order","type":"shopify.order_created"},
    {"id":"tell","type":"slack.post_message","label":"Avisa al equipo",
     "params":{"channel":"#vip","text":{"$text":"Order {{ order.name }} for condición"}}},
    {"id":"keep","type":"core.set","note":"Ask Ana about refunds","params":{"n":9007199254740993}}],
    "edges":[],"notes":[{"id":"a","title":"Returns","text":"Only **refunds** over 50 €"}]}`),
);
const found = (query: string) =>
  findInFlow(flow, nodeTypesOf(catalog), query).map(({ id, place }) => `${id} ${place}`);

test("a node is found by its name, type, note and parameters, accents or not", () => {
  expect(found("avisa")).toEqual(["tell name"]);
  expect(found("post_message")).toEqual(["tell type"]);
  expect(found("#vip")).toEqual(["tell parameter"]);
  expect(found("condicion")).toEqual(["tell parameter"]);
  expect(found("refunds")).toEqual(["keep note", "a note"]);
  expect(found("9007199254740993")).toEqual(["keep parameter"]);
  expect(found("order vip")).toEqual(["tell parameter"]);
  expect(found("")).toEqual([]);
});
