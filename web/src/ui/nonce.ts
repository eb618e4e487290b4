/** What stands in the page where no server has put a nonce. A nonce itself may begin alike. */
const unset = "__CSP_NONCE__";

/** The nonce of this response, under which the content security policy allows a style element. */
export function cspNonce(): string {
  const meta = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]');
  const value = meta?.content ?? "";
  return value === unset ? "" : value;
}
