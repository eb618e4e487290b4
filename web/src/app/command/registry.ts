/**
 * What a person can tell the program to do: one list that keys, palette, cheat sheet and tooltips read.
 *
 * A component offers commands while it is mounted. It knows nothing of what any command does.
 */
import type { MessageDescriptor } from "@lingui/core";
import { createContext, useContext, useEffect, useRef } from "react";
import { createStore, useStore } from "zustand";

export type CommandGroup = "edit" | "node" | "view" | "run" | "flow" | "go";

export interface AppCommand {
  /** Two words, as "edit.undo"; who offers the same one later takes its place meanwhile. */
  id: string;
  title: MessageDescriptor;
  group: CommandGroup;
  /** As "Mod+Shift+L"; of several, the first is the one that is shown. */
  shortcut?: string | readonly string[];
  /** Other words by which people look for it. */
  keywords?: MessageDescriptor;
  /**
   * Where its keys are heard: outside fields, dialogs and menus ("page", as a rule), also in a field
   * in which nothing was typed yet ("untouched"), only while nothing but the canvas has the focus
   * ("canvas"), or also while somebody types ("everywhere").
   */
  heard?: "page" | "untouched" | "canvas" | "everywhere";
  /** Makes sense as keys only (an arrow), and so is left out of the palette. */
  keysOnly?: boolean;
  enabled?: () => boolean;
  run: (pressed?: string) => void;
}

/** A thing that one goes to by its name: a flow, a node of the open flow. */
export interface Destination {
  id: string;
  title: string;
  under?: string;
  group: "flow" | "node";
  run: () => void;
}

type Offer<Item> = { read: () => readonly Item[] };

interface Registry {
  commands: readonly Offer<AppCommand>[];
  destinations: readonly Offer<Destination>[];
}

export function createRegistry() {
  return createStore<Registry>()(() => ({ commands: [], destinations: [] }));
}
export type CommandRegistry = ReturnType<typeof createRegistry>;

export const RegistryContext = createContext<CommandRegistry>(createRegistry());

/** Every command on offer, the one offered last where several have one id. */
export function commandsIn(registry: CommandRegistry): AppCommand[] {
  const all = new Map<string, AppCommand>();
  for (const offer of registry.getState().commands) {
    for (const command of offer.read()) all.set(command.id, command);
  }
  return [...all.values()];
}

export function destinationsIn(registry: CommandRegistry): Destination[] {
  return registry.getState().destinations.flatMap((offer) => offer.read());
}

export const isEnabled = (command: AppCommand): boolean => command.enabled?.() ?? true;

export function shortcutsOf(command: AppCommand): readonly string[] {
  const { shortcut = [] } = command;
  return typeof shortcut === "string" ? [shortcut] : shortcut;
}

function useOffer<Item>(kind: keyof Registry, read: () => readonly Item[]): void {
  const registry = useContext(RegistryContext);
  const latest = useRef(read);
  useEffect(() => {
    latest.current = read;
  });
  useEffect(() => {
    const offer = { read: () => latest.current() };
    registry.setState((state) => ({ ...state, [kind]: [...state[kind], offer] }));
    return () =>
      registry.setState((state) => ({
        ...state,
        [kind]: (state[kind] as readonly unknown[]).filter((it) => it !== offer),
      }));
  }, [registry, kind]);
}

/** Offers commands for as long as the component is mounted; they may be made anew at each drawing. */
export function useCommands(commands: readonly AppCommand[]): void {
  useOffer("commands", () => commands);
}

/** Offers things to go to by name; they are asked for only when somebody searches. */
export function useDestinations(read: () => readonly Destination[]): void {
  useOffer("destinations", read);
}

/** Gives a command by its id, as a button does that stands for it. */
export function useGiveCommand(): (id: string) => void {
  const registry = useContext(RegistryContext);
  return (id) => {
    const command = commandsIn(registry).find((it) => it.id === id);
    if (command && isEnabled(command)) command.run();
  };
}

/** The shortcut of a command on offer, for its tooltip; null where it has none. */
export function useShortcut(id: string): string | null {
  const registry = useContext(RegistryContext);
  return useStore(registry, () => {
    const command = commandsIn(registry).find((it) => it.id === id);
    return (command && shortcutsOf(command)[0]) ?? null;
  });
}
