/** Answers each graph that it is sent with places for its nodes. */
import { type Graph, place } from "./tidy.ts";

self.onmessage = (event: MessageEvent<Graph>) => self.postMessage(place(event.data));
