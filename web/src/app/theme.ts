/** Tramo's look: one calm accent, slate greys tuned apart for light and dark, system type. */
import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

const tramo: MantineColorsTuple = [
  "#edf9f5",
  "#d5f1e7",
  "#abe2d0",
  "#7dd0b7",
  "#53bd9f",
  "#30a486",
  "#1a7f67",
  "#15735c",
  "#105b49",
  "#0b4437",
];
const gray: MantineColorsTuple = [
  "#f7f8f9",
  "#f0f2f4",
  "#e4e7eb",
  "#d5dae0",
  "#bcc3cc",
  "#98a1ad",
  "#717b88",
  "#535c68",
  "#363d47",
  "#1e242c",
];
const dark: MantineColorsTuple = [
  "#e4e7eb",
  "#bfc5cd",
  "#98a0ab",
  "#6d7682",
  "#3a414b",
  "#2d333c",
  "#23282f",
  "#191d23",
  "#14171c",
  "#0e1114",
];

// The last shades carry white text, and are text on a light ground.
const red: MantineColorsTuple = [
  "#fdf1f0",
  "#fbe0de",
  "#f5bfbb",
  "#ee9a94",
  "#ee7a73",
  "#dd5149",
  "#cc3a34",
  "#b92f2a",
  "#9c2723",
  "#7d1e1a",
];
const yellow: MantineColorsTuple = [
  "#fdf6e7",
  "#faebc8",
  "#f3d694",
  "#ebc05c",
  "#dfa03a",
  "#c98a1c",
  "#a86c08",
  "#8a5806",
  "#6e4605",
  "#533504",
];
const green: MantineColorsTuple = [
  "#eaf7f0",
  "#d0edde",
  "#a3dbbe",
  "#70c69a",
  "#3fbf85",
  "#1f9d63",
  "#1a8655",
  "#157047",
  "#105a39",
  "#0b442b",
];

const systemFont =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Liberation Sans", sans-serif';

/** What opens at a thing lies over it sooner than past an edge of the window. */
const inWindow = { flip: true, shift: { padding: 8, crossAxis: true } };

/** A list leaves the field in sight that is typed into, and is as long as there is room beside it. */
const besideField = {
  flip: { padding: 8 },
  shift: { padding: 8 },
  size: {
    padding: 8,
    apply: ({ availableHeight, elements }: Room) => {
      elements.floating.style.maxHeight = `${Math.floor(availableHeight)}px`;
    },
  },
};

interface Room {
  availableHeight: number;
  elements: { floating: HTMLElement };
}

export const theme = createTheme({
  colors: { tramo, gray, dark, red, yellow, green },
  primaryColor: "tramo",
  primaryShade: { light: 7, dark: 6 },
  autoContrast: true,
  luminanceThreshold: 0.36,
  fontFamily: systemFont,
  fontFamilyMonospace:
    'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
  headings: { fontFamily: systemFont, fontWeight: "600" },
  defaultRadius: "md",
  cursorType: "pointer",
  focusRing: "auto",
  respectReducedMotion: true,
  components: {
    Popover: { defaultProps: { middlewares: inWindow } },
    Combobox: { defaultProps: { middlewares: besideField } },
  },
});

/** The names our own style sheets use, so that a colour is decided once, here. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {
    "--tramo-bar-height": "52px",
    "--mantine-color-dimmed": "var(--tramo-ink-soft)",
    "--tramo-ok": "#1f9d63",
    "--tramo-busy": "#2369c9",
    "--tramo-ask": "#94600a",
    "--tramo-bad": "#c2332e",
  },
  light: {
    "--mantine-color-body": "#ffffff",
    "--mantine-color-placeholder": "#69727e",
    "--tramo-ground": "#f5f6f8",
    "--tramo-panel": "#ffffff",
    "--tramo-raised": "#ffffff",
    "--tramo-line": "#e1e5ea",
    "--tramo-line-strong": "#c6ccd5",
    "--tramo-ink": "#1d232b",
    "--tramo-ink-soft": "#5a6472",
    "--tramo-edge": "#9aa4b2",
    "--tramo-dots": "#d9dee5",
    "--tramo-accent": "#15735c",
    "--tramo-accent-soft": "#e4f4ee",
    "--tramo-code-text": "#9a4a12",
    "--tramo-code-number": "#2260b8",
    "--tramo-tile": "#f5f6f8",
    "--tramo-control": "#6f4bb8",
    "--tramo-control-soft": "#f1ebfb",
    "--tramo-shadow": "0 1px 2px rgb(20 30 45 / 6%), 0 2px 8px rgb(20 30 45 / 5%)",
    "--tramo-shadow-high": "0 4px 12px rgb(20 30 45 / 10%), 0 12px 32px rgb(20 30 45 / 10%)",
  },
  dark: {
    "--mantine-color-body": "#14171c",
    "--mantine-color-tramo-light": "#17332c",
    "--mantine-color-tramo-light-hover": "#1d4037",
    "--mantine-color-placeholder": "#8b94a0",
    "--tramo-ground": "#0f1216",
    "--tramo-panel": "#171a20",
    "--tramo-raised": "#1e2229",
    "--tramo-line": "#2a3038",
    "--tramo-line-strong": "#414955",
    "--tramo-ink": "#e4e7eb",
    "--tramo-ink-soft": "#98a0ab",
    "--tramo-edge": "#5d6774",
    "--tramo-dots": "#242a31",
    "--tramo-accent": "#53bd9f",
    "--tramo-accent-soft": "#17332c",
    "--tramo-code-text": "#e2a36f",
    "--tramo-code-number": "#82b1f5",
    "--tramo-tile": "#f3f4f6",
    "--tramo-control": "#b79bf0",
    "--tramo-control-soft": "#2a2340",
    "--tramo-ok": "#3fbf85",
    "--tramo-busy": "#5b9df0",
    "--tramo-ask": "#dfa03a",
    "--tramo-bad": "#f27b74",
    "--tramo-shadow": "0 1px 2px rgb(0 0 0 / 40%)",
    "--tramo-shadow-high": "0 6px 24px rgb(0 0 0 / 50%)",
  },
});
