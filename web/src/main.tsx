import "./ui/trusted.ts";
import "@mantine/core/styles.layer.css";
import "./app/base.css";
import { setNonce } from "get-nonce";
import { createRoot } from "react-dom/client";
import { App } from "./app/App.tsx";
import { begin } from "./app/begin.ts";
import { preferredLanguage, speak } from "./app/locale.ts";
import { cspNonce } from "./ui/nonce.ts";

// Dialogs lock scrolling with a style element of their own.
setNonce(cspNonce());

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
const language = preferredLanguage();
document.documentElement.lang = language;
begin(location.pathname);
speak(language).then(() => createRoot(root).render(<App />));
