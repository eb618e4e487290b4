/** Adding, connecting, inserting and moving into loops at the node that one stands at. */
import { t } from "@lingui/core/macro";
import { mayStand, setInside } from "~/model/box.ts";
import { makeEdge, refuseEdge } from "~/model/edge.ts";
import * as edit from "~/model/edit.ts";
import { edgeKey, type FlowEdge, findNode, type Position, portOf } from "~/model/flow.ts";
import { isLoop, nodeWidth, shownPositions } from "~/model/place.ts";
import { isTrigger } from "~/model/port.ts";
import { say } from "~/ui/toast.tsx";
import type { ChoiceOption } from "./Chooser.tsx";
import { focusNode, type Ground } from "./ground.ts";

const between = 88;

/** Asks at which port something starts; the only one, or the only free one, needs no asking. */
function atPort(ground: Ground, id: string, title: string, then: (port: string) => void) {
  const ports = ground.portsOf(id);
  const leaving = ground.flow().edges.filter((edge) => edge.from === id);
  const used = new Set(leaving.map(portOf));
  const free = ports.filter((port) => !used.has(port.name));
  const [only] = free.length === 1 ? free : ports;
  if (!only) return say(t`Nothing leads on from this node.`, "problem");
  if (ports.length === 1 || free.length === 1) return then(only.name);
  ground.offer({
    title,
    at: ground.screenOf(id),
    options: [...free, ...ports.filter((port) => used.has(port.name))].map((port) => ({
      id: port.name,
      title: port.title,
    })),
    onChoose: then,
    onLeave: () => focusNode(id),
  });
}

/** Asks for one of the edges at a node. */
function atEdge(ground: Ground, id: string, title: string, then: (edge: string) => void) {
  const edges = ground.flow().edges.filter((edge) => edge.from === id || edge.to === id);
  const [only] = edges;
  if (!only) return say(t`No edge leads here or away.`, "problem");
  if (edges.length === 1) return then(edgeKey(only));
  ground.offer({
    title,
    at: ground.screenOf(id),
    options: edges.map((edge) => {
      const port = ground.portsOf(edge.from).find((it) => it.name === portOf(edge));
      return {
        id: edgeKey(edge),
        title: `${ground.titleOf(edge.from)} → ${ground.titleOf(edge.to)}`,
        under: port?.title ?? portOf(edge),
      };
    }),
    onChoose: then,
    onLeave: () => focusNode(id),
  });
}

function connectFrom(ground: Ground, id: string, port: string) {
  const { flow, types, titleOf, goTo } = ground;
  const fits = (to: string) => refuseEdge(flow(), types, makeEdge(id, port, to)) === null;
  const targets = flow().nodes.filter((node) => fits(node.id));
  if (targets.length === 0) return say(t`There is no node that this can lead to.`, "problem");
  const from = titleOf(id);
  ground.offer({
    title: t`Connect “${from}” to`,
    at: ground.screenOf(id),
    searched: true,
    options: targets.map((node): ChoiceOption => {
      const [title, type] = [titleOf(node.id), types.get(node.type)?.title];
      return { id: node.id, title, ...(type !== undefined && type !== title && { under: type }) };
    }),
    onPeek: (to) => {
      ground.store.getState().stand(to);
      ground.view.current?.reveal(to);
    },
    onChoose: (to) => {
      const target = titleOf(to);
      const edge = makeEdge(id, port, to);
      ground.perform(edit.connect(flow(), types, edge), t`Connected to ${target}`);
      goTo(to);
    },
    onLeave: () => goTo(id),
  });
}

/** Takes one end of an edge to another node, which is chosen from a list. */
function moveEdge(ground: Ground, key: string, end: "from" | "to") {
  const { flow, types, titleOf } = ground;
  const edge = flow().edges.find((it) => edgeKey(it) === key);
  if (!edge) return;
  const open = { ...flow(), edges: flow().edges.filter((it) => it !== edge) };
  const moved = (id: string): FlowEdge[] =>
    end === "to"
      ? [makeEdge(edge.from, portOf(edge), id)]
      : ground.portsOf(id).map((port) => makeEdge(id, port.name, edge.to));
  const fits = (id: string) =>
    id !== edge[end] ? moved(id).filter((it) => refuseEdge(open, types, it) === null) : [];
  const options = flow().nodes.flatMap((node): ChoiceOption[] =>
    fits(node.id).map((it) => {
      const port = ground.portsOf(it.from).find(({ name }) => name === portOf(it))?.title;
      const under = end === "to" ? types.get(node.type)?.title : port;
      return { id: edgeKey(it), title: titleOf(node.id), ...(under !== undefined && { under }) };
    }),
  );
  if (options.length === 0) return say(t`There is no other node that it fits.`, "problem");
  const other = titleOf(end === "to" ? edge.from : edge.to);
  ground.offer({
    title: end === "to" ? t`Lead from “${other}” to` : t`Lead to “${other}” from`,
    at: ground.screenOf(end === "to" ? edge.from : edge.to),
    searched: true,
    options,
    onChoose: (chosen) => {
      const fresh = flow()
        .nodes.flatMap((node) => moved(node.id))
        .find((it) => edgeKey(it) === chosen);
      if (!fresh) return;
      const target = titleOf(fresh.to);
      const command = edit.reconnect(flow(), types, key, fresh);
      ground.perform(command, t`Connected to ${target}`);
      ground.goTo(fresh[end]);
    },
    onLeave: () => focusNode(edge[end]),
  });
}

function moveInto(ground: Ground, id: string) {
  const { flow, types, titleOf } = ground;
  const inside = findNode(flow(), id)?.inside;
  const loops = flow().nodes.filter(
    (node) => isLoop(node) && node.id !== inside && mayStand(flow(), types, id, node.id),
  );
  const options = [
    ...(inside === undefined ? [] : [{ id: "", title: t`Out of every loop` }]),
    ...loops.map((node) => ({ id: node.id, title: titleOf(node.id), under: t`Into this loop` })),
  ];
  if (options.length === 0) return say(t`There is no loop to put it into.`, "problem");
  ground.offer({
    title: t`Where shall it stand?`,
    at: ground.screenOf(id),
    options,
    onChoose: (loop) => {
      const title = loop && titleOf(loop);
      const said = loop ? t`Now inside ${title}` : t`Now outside of loops`;
      ground.perform(setInside(flow(), types, id, loop || null), said);
      ground.goTo(id);
    },
    onLeave: () => focusNode(id),
  });
}

export type Joining = ReturnType<typeof joining>;

export function joining(ground: Ground) {
  const { store, flow, here, view } = ground;
  const near = (id: string): Position => {
    const [x, y] = shownPositions(flow()).get(id) ?? [0, 0];
    return [x + nodeWidth + between, y + 32];
  };
  const at = (act: (id: string) => void) => () => {
    const id = here();
    if (id !== null) act(id);
  };
  /** The one chosen edge. */
  const theEdge = (): string | null => {
    const [key, ...others] = store.getState().selection.edges;
    return key !== undefined && others.length === 0 ? key : null;
  };
  const moving = (end: "from" | "to") => () => {
    const key = theEdge();
    if (key !== null) moveEdge(ground, key, end);
  };
  return {
    hasEdge: () => theEdge() !== null,
    onward: moving("to"),
    backward: moving("from"),
    /** Adds after the one chosen node, else in the middle of what is seen. */
    add: () => {
      const [id, ...others] = store.getState().selection.nodes;
      if (id === undefined || others.length > 0) {
        const middle = view.current?.middle() ?? [0, 0];
        const screen = view.current?.toScreen(middle) ?? { x: 200, y: 200 };
        return ground.ask({ at: middle, screen });
      }
      atPort(ground, id, t`Add after which?`, (port) =>
        ground.ask({ at: near(id), screen: ground.screenOf(id), after: { node: id, port } }),
      );
    },
    connect: at((id) =>
      atPort(ground, id, t`Connect from which?`, (port) => connectFrom(ground, id, port)),
    ),
    disconnect: at((id) =>
      atEdge(ground, id, t`Disconnect which?`, (edge) => {
        ground.perform(edit.disconnect(flow(), new Set([edge])), t`Disconnected`);
        focusNode(id);
      }),
    ),
    insert: at((id) =>
      atEdge(ground, id, t`Insert where?`, (edge) =>
        ground.ask({ at: near(id), screen: ground.screenOf(id), edge }),
      ),
    ),
    intoLoop: at((id) => {
      const node = findNode(flow(), id);
      if (node && !isTrigger(ground.types.get(node.type))) moveInto(ground, id);
    }),
  };
}
