import "./ui/trusted.ts";
import "@mantine/core/styles.layer.css";
import "./app/base.css";
import { setNonce } from "get-nonce";
import { createRoot } from "react-dom/client";
import { api } from "./api/client.ts";
import { App } from "./app/App.tsx";
import { asked, language } from "./app/begin.ts";
import { speak } from "./app/locale.ts";
import { fetchPage } from "./app/routes.tsx";
import { cspNonce } from "./ui/nonce.ts";

// Dialogs lock scrolling with a style element of their own.
setNonce(cspNonce());

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
for (const path of asked) api.transport.begin(path);
Promise.all([speak(language), fetchPage(location.pathname)]).then(() =>
  createRoot(root).render(<App />),
);
