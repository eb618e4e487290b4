/** The names in the first line of a CSV text, quotes and doubled quotes taken off. */
export function readNames(text: string): string[] {
  const line = /^\uFEFF?((?:"(?:[^"]|"")*"|[^"\r\n])*)/.exec(text)?.[1] ?? "";
  if (line === "") return [];
  const names = [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare ?? "",
  );
  return [...new Set(names.map((name) => name.trim()).filter((name) => name !== ""))];
}
