/** Reads a server-sent event stream out of bytes, as the HTML standard's section 9.2 lays down. */

export interface StreamEvent {
  event: string;
  data: string;
  /** The last id seen, this event's own included. */
  id: string;
  /** The pause before reconnecting that the server asked for. */
  retryMs?: number;
}

export async function* readEvents(
  body: ReadableStream<Uint8Array>,
  onBytes: () => void = () => {},
): AsyncGenerator<StreamEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let pending = "";
  let fields: { event: string; data: string[]; retryMs?: number } = { event: "", data: [] };
  let id = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      onBytes();
      pending += decoder.decode(value, { stream: true });
      // A "\r" at the very end may be half of a "\r\n": it waits for the next bytes.
      const lines = pending.split(/\r\n|\n|\r(?!$)/);
      pending = lines.pop() ?? "";
      for (const line of lines) {
        if (line === "") {
          if (fields.data.length > 0) {
            const { retryMs } = fields;
            yield {
              event: fields.event || "message",
              data: fields.data.join("\n"),
              id,
              ...(retryMs !== undefined && { retryMs }),
            };
          }
          fields = { event: "", data: [] };
          continue;
        }
        const [, name, text] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
        if (name === "event") fields.event = text ?? "";
        else if (name === "data") fields.data.push(text ?? "");
        else if (name === "id" && !text?.includes("\0")) id = text ?? "";
        else if (name === "retry" && /^\d+$/.test(text ?? "")) fields.retryMs = Number(text);
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
