/** The nonce of this response, under which the content security policy allows a style element. */
export function cspNonce(): string {
  const meta = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]');
  const value = meta?.content ?? "";
  return value.startsWith("__") ? "" : value;
}
