/**
 * What is asked of the server before the client is there.
 *
 * It knows addresses and answers, and nothing of what they say.
 */
export const base = "/api/v1";

const begun = new Map<string, Promise<Response>>();
const keyOf = (url: string, language: string) => `${language} ${url}`;

export function askFirst(path: string, language: string): void {
  const url = base + path;
  const headers = { Accept: "application/json", "Accept-Language": language };
  const answer = fetch(url, { headers, credentials: "same-origin" });
  // It fails before whoever takes it, not unheard.
  answer.catch(() => {});
  begun.set(keyOf(url, language), answer);
}

/** The answer to what was asked first; it is given away once. */
export function takeFirst(url: string, language: string): Promise<Response> | undefined {
  const key = keyOf(url, language);
  const answer = begun.get(key);
  begun.delete(key);
  return answer;
}
