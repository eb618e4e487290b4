/** Walking on the canvas: along edges, in and out of loops, up and down, gathering on the way. */
import { plural, t } from "@lingui/core/macro";
import { nodeBeyond, type Way, waysBack, waysOn } from "~/model/walk.ts";
import { announce } from "~/ui/announce.tsx";
import { type Floor, focusNode, type Ground } from "./ground.ts";

/** Goes the only way, or asks which. */
function take(floor: Floor, from: string, title: string, ways: Way[], back: boolean) {
  const [only] = ways;
  if (!only) return announce(t`There is no way on from here.`);
  if (ways.length === 1) return floor.goTo(only.to);
  const wayOf = (index: string) => ways[Number(index)] ?? only;
  floor.offer({
    title,
    at: floor.screenOf(from),
    options: ways.map((way, index) => {
      const start = back ? way.to : from;
      const port = floor.portsOf(start).find((it) => it.name === way.port);
      return {
        id: String(index),
        title: floor.titleOf(way.to),
        under: way.port === null ? t`Inside the loop` : (port?.title ?? way.port),
      };
    }),
    onChoose: (index) => floor.goTo(wayOf(index).to),
    onPeek: (index) => floor.view.current?.reveal(wayOf(index).to),
    onLeave: () => focusNode(from),
  });
}

export type Walking = ReturnType<typeof walking>;

export function walking(floor: Floor) {
  const { flow, at, here, goTo } = floor;
  /** Does something at the node one stands at; the first press only goes to it. */
  const from = (act: (id: string) => void) => () => {
    const id = here();
    if (id === null) return;
    if (at() === null) goTo(id);
    else act(id);
  };
  const upOrDown = (down: boolean) =>
    from((id) => {
      const next = nodeBeyond(flow(), id, down);
      if (next !== null) goTo(next);
    });
  const end = (place: 0 | -1) => () => {
    const id = flow().nodes.at(place)?.id;
    if (id !== undefined) goTo(id);
  };
  return {
    on: from((id) => take(floor, id, t`Which way?`, waysOn(flow(), id), false)),
    back: from((id) => take(floor, id, t`Which way back?`, waysBack(flow(), id), true)),
    up: upOrDown(false),
    down: upOrDown(true),
    first: end(0),
    last: end(-1),
  };
}

/** Takes the node into what is chosen, or out of it; walking on keeps the others. */
export function gather({ store, here }: Ground): void {
  const id = here();
  if (id === null) return;
  store.getState().gather(id);
  const count = store.getState().selection.nodes.size;
  announce(plural(count, { one: "# node chosen", other: "# nodes chosen" }));
}
