/**
 * What the browser may take for markup or for a script's address, where it asks (trusted types).
 *
 * Text without a tag may pass: a style element's rules. Anything else becomes markup only by the
 * sanitizer's own policy, and scripts come from our own files.
 */
interface Rules {
  createHTML: (text: string) => string | null;
  createScriptURL: (address: string) => string | null;
}

interface TrustedTypes {
  createPolicy: (name: string, rules: Rules) => unknown;
}

const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };

trustedTypes?.createPolicy("default", {
  createHTML: (text) => (text.includes("<") ? null : text),
  createScriptURL: (address) =>
    new URL(address, location.href).origin === location.origin ? address : null,
});
