/** Finds node types by what a person types, in any of the words that the catalogue knows. */
import type { Catalog, Connector, NodeType } from "~/api/contract";

export interface Group {
  id: string;
  title: string;
  types: NodeType[];
}

/** Text as people search it: no accents, no case. */
export function plainText(text: string): string {
  return text
    .normalize("NFD")
    .replace(/\p{Diacritic}/gu, "")
    .toLowerCase();
}

/**
 * Words that people of four languages use for one thing. Any of them finds what any other does.
 * Written without accents, as they are compared.
 */
const alike = [
  "if si se daca condition condicion condicao conditie branch choose decide switch router",
  "mail email e-mail correo correio posta smtp imap gmail",
  "loop each cada fiecare bucle laco bucla iterate repeat repetir repeta",
  "wait esperar aguardar asteapta delay pause pausa pauza retraso atraso intarziere",
  "schedule horario agenda program cron timer time tiempo tempo timp",
  "order pedido encomenda comanda venta venda vanzare purchase compra",
  "customer cliente client buyer comprador cumparator",
  "product producto produto produs item articulo artigo articol",
  "stock inventory inventario estoque stoc existencias",
  "refund reembolso devolucion devolucao ramburs rambursare return",
  "invoice factura fatura bill",
  "table tabla tabela tabel sheet hoja planilha foaie spreadsheet",
  "file archivo arquivo fisier fichero document documento",
  "approve aprobar aprovar aproba approval confirm confirmar confirma",
  "stop parar opreste fin fim sfarsit end terminar",
  "join unir juntar uneste merge combinar",
  "code codigo cod script python",
  "call llamar chamar apel http request peticion solicitud requisicao cerere api",
  "chat slack telegram whatsapp teams",
  "shipment envio entrega livrare shipping delivery parcel paquete pacote colet",
  "payment pago pagamento plata pay pagar plateste",
  "discount descuento desconto reducere coupon cupon cupom",
  "tag etiqueta eticheta label",
  "message mensaje mensagem mesaj send enviar trimite",
].map((words) => words.split(" "));

/** A word and every other that means the same. */
function meaning(word: string): string[] {
  return alike.filter((words) => words.includes(word)).flat();
}

interface Texts {
  title: string;
  titleWords: string[];
  near: string;
  nearWords: string[];
  far: string;
}

const wordsOf = (text: string): string[] => text.split(/[\s/.,_-]+/).filter(Boolean);

function textsOf(type: NodeType, connector: string): Texts {
  const title = plainText(type.title);
  const near = plainText([connector, type.category, ...type.synonyms].join(" "));
  const far = plainText(`${type.summary} ${type.type}`);
  return { title, titleWords: wordsOf(title), near, nearWords: wordsOf(near), far };
}

function rankWord(texts: Texts, word: string): number {
  // So short a word stands in the middle of too many others.
  const short = word.length < 3;
  if (texts.title.startsWith(word) && !short) return 8;
  if (texts.titleWords.some((part) => (short ? part === word : part.startsWith(word)))) return 6;
  if (!short && texts.title.includes(word)) return 4;
  if (texts.nearWords.some((part) => (short ? part === word : part.startsWith(word)))) return 5;
  if (meaning(word).some((other) => texts.titleWords.includes(other))) return 4;
  if (meaning(word).some((other) => texts.nearWords.includes(other))) return 3;
  if (!short && texts.near.includes(word)) return 2;
  if (texts.titleWords.some((part) => part.startsWith(word))) return 2;
  return !short && texts.far.includes(word) ? 1 : 0;
}

function rank(type: NodeType, connector: string, words: string[]): number {
  const texts = textsOf(type, connector);
  const ranks = words.map((word) => rankWord(texts, word));
  if (ranks.some((it) => it === 0)) return 0;
  // Who writes out a title means that one.
  const whole = words.length > 1 && texts.title.startsWith(words.join(" ")) ? words.length : 0;
  return ranks.reduce((sum, it) => sum + it, whole);
}

/** A connector is for what its nodes do out there; they look something up on the way to that. */
const acts = ({ connector, kind, effect }: NodeType): boolean =>
  connector !== "core" && kind !== "trigger" && effect !== "pure";

/**
 * The types that fit every word, best first; all of them, in catalogue order, for no words.
 *
 * Of two that fit alike, the one of a connector that is in use is meant, then the one that was
 * chosen lately, then the one that acts rather than reads.
 */
export function searchTypes(
  catalog: Catalog,
  query: string,
  used: ReadonlySet<string> = new Set(),
  lately: readonly string[] = [],
): NodeType[] {
  const words = plainText(query).split(/\s+/).filter(Boolean);
  if (words.length === 0) return catalog.node_types;
  const titles = new Map(catalog.connectors.map((it) => [it.id, it.title]));
  const standing = (type: NodeType): number =>
    (used.has(type.connector) ? 0.5 : 0) +
    (lately.includes(type.type) ? 0.25 : 0) +
    (acts(type) ? 0.125 : 0);
  return catalog.node_types
    .map((type) => ({ type, rank: rank(type, titles.get(type.connector) ?? "", words) }))
    .filter((found) => found.rank > 0)
    .map(({ type, rank }) => ({ type, rank: rank + standing(type) }))
    .sort((left, right) => right.rank - left.rank)
    .map((found) => found.type);
}

/**
 * The types under their connector's name, those in use before the others; the built-in ones under
 * their category, before them all.
 */
export function groupTypes(
  types: NodeType[],
  connectors: Connector[],
  used: ReadonlySet<string> = new Set(),
): Group[] {
  const groups = new Map<string, Group>();
  for (const type of types) {
    const connector = connectors.find((it) => it.id === type.connector);
    const own = type.connector === "core";
    const id = own ? `core:${type.category}` : type.connector;
    const title = own ? type.category : (connector?.title ?? type.connector);
    const group = groups.get(id);
    if (group) group.types.push(type);
    else groups.set(id, { id, title: title || type.connector, types: [type] });
  }
  // What starts a flow comes first, as it does in a flow.
  const placeOf = (group: Group): number => {
    if (group.types.every((type) => type.kind === "trigger")) return 0;
    if (group.id.startsWith("core:")) return 1;
    return used.has(group.id) ? 2 : 3;
  };
  return [...groups.values()].sort((left, right) => placeOf(left) - placeOf(right));
}
