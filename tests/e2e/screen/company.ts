/** The editor in company and on the way: who else is here, what was kept, what the guide shows. */
import type { Page } from "playwright-core";
import { node, saved } from "../kit/editor.ts";
import { openAsBen } from "../kit/guest.ts";
import { owner } from "../kit/story.ts";
import { word } from "../kit/word.ts";
import { button, canvas, inTurn, key, type Scene, type Screen, sees } from "./screen.ts";

const shared = "/flows/flow_lines";
const name = (page: Page) => page.getByLabel(word("Name of the flow"));

/** Lets a second person come, and closes the door again when the screen is left. */
const withBen =
  (act: (page: Page, ben: Page) => Promise<unknown>) => async (page: Page, scene: Scene) => {
    await canvas(page);
    const ben = await openAsBen(scene.stage, shared);
    await canvas(ben);
    await act(page, ben);
    page.once("framenavigated", () => void ben.context().close());
  };

const takeOver = async (page: Page, ben: Page) => {
  await ben.getByRole("button", { name: "Take over" }).click();
  await ben.getByRole("button", { name: "Publish" }).waitFor();
  await page.getByText(/Ben Pop has taken over/).waitFor();
};

/** What a browser kept of a flow that could not be saved. */
const keptEarlier = (page: Page) =>
  page.evaluate(async (flow) => {
    const { document } = await (await fetch(`/api/v1/flows/${flow}`)).json();
    const kept = { document: { ...document, name: "Typed on the train" }, etag: '"0"' };
    const text = JSON.stringify({ ...kept, at: new Date(Date.now() - 3_600_000).toISOString() });
    localStorage.setItem(`tramo.draft.${flow}`, text);
  }, "flow_divide");

const signIn = async (page: Page, { bare }: Scene) => {
  await page.context().clearCookies();
  const { email, password } = owner;
  const headers = { origin: bare.url };
  const at = (path: string) => page.request.post(`${bare.url}/api/v1${path}`, { headers, data });
  let data: object = { email, password };
  if ((await at("/session")).ok()) return;
  data = { token: bare.link.split("#t=")[1], ...owner, language: "en" };
  const answer = await at("/accounts");
  if (!answer.ok()) throw new Error(await answer.text());
};

/** A page of the server that has nothing yet. */
const empty = (path: string, text: string): Screen => ({
  name: `empty, ${path.slice(1).replaceAll("/", " ")}`,
  path: "/form/none",
  stranger: true,
  async enter(page, scene) {
    await signIn(page, scene);
    await page.goto(`${scene.bare.url}${path}`);
    await sees(text)(page);
  },
  leave: (page) => page.context().clearCookies(),
});

export const company: Screen[] = [
  {
    name: "company, somebody looks",
    path: shared,
    enter: withBen(async (page, ben) => {
      await node(ben, "each").click();
      await page.getByRole("img", { name: /Ben Pop/ }).waitFor();
    }),
  },
  { name: "company, somebody took over", path: shared, enter: withBen(takeOver) },
  {
    name: "company, what was kept",
    path: shared,
    enter: withBen(async (page, ben) => {
      await page.route("**/draft*", (route) => route.abort());
      await name(page).fill("Typed by the first");
      await takeOver(page, ben);
      await page.unroute("**/draft*");
      await sees(/Your last changes were not saved/)(page);
    }),
    leave: (page) => button("Discard")(page),
  },
  {
    name: "company, kept by this browser",
    path: "/flows/flow_divide",
    before: keptEarlier,
    enter: inTurn(canvas, sees(/could not be saved/)),
    leave: (page) => button("Drop them")(page),
  },
  {
    name: "company, changed elsewhere",
    path: "/flows/flow_divide",
    enter: inTurn(canvas, async (page) => {
      const old = (headers: object) => ({ ...headers, "if-match": '"of-yesterday"' });
      await page.route("**/flow_divide/draft*", (route) =>
        route.fallback({ headers: old(route.request().headers()) }),
      );
      await name(page).fill("Typed here");
      await page.getByRole("dialog").waitFor();
    }),
    stays: true,
    async leave(page) {
      await page.unrouteAll();
      await button("The other, without my changes")(page);
      await saved(page);
    },
  },
  {
    name: "guide, its first step",
    path: "/flows",
    enter: inTurn(button("Show me"), sees("Choose what starts the flow")),
    leave: (page) => button("Leave the guide")(page),
  },
  {
    name: "guide, on the canvas",
    path: "/flows",
    enter: inTurn(button("Show me"), async (page) => {
      await page.locator('[data-start="shopify.order_created"]').click();
      await sees("Add what should happen")(page);
      await key("Escape")(page);
      await saved(page);
    }),
    leave: (page) => button("Leave the guide")(page),
  },
  empty("/flows", "Your first flow starts here"),
  empty("/runs", "What happened to an order"),
  empty("/connections", "Add a connection"),
  empty("/inbox/approvals", "Questions"),
  empty("/inbox/doubts", "Doubts"),
  empty("/inbox/alerts", "Alerts"),
  empty("/inbox/messages", "Messages"),
  empty("/data/tables", "Fill a new table"),
  empty("/data/variables", "Add a variable"),
  empty("/people", "Invite somebody"),
];
