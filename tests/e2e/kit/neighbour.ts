/** Servers outside Tramo, as stories need them: a post with a password, a shop that hangs up. */
import { createServer as createHttp, type Server as HttpServer } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

/** Speaks as much SMTP as a sign-in takes, and refuses every password but one. */
export class MailServer {
  readonly passwords: string[] = [];
  readonly #sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly password: string,
  ) {}

  static async start(password: string): Promise<MailServer> {
    const server = createServer();
    const post = new MailServer(server, password);
    server.on("connection", (socket) => post.#greet(socket));
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return post;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((done) => this.server.close(done));
  }

  #greet(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => {});
    let heard = "";
    const say = (line: string) => socket.write(`${line}\r\n`);
    say("220 post.example ready");
    socket.on("data", (chunk) => {
      heard += chunk.toString();
      for (let end = heard.indexOf("\r\n"); end >= 0; end = heard.indexOf("\r\n")) {
        const line = heard.slice(0, end);
        heard = heard.slice(end + 2);
        this.#answer(line, say, socket);
      }
    });
  }

  #answer(line: string, say: (line: string) => void, socket: Socket): void {
    const [verb = "", kind = "", proof = ""] = line.split(" ");
    if (verb.toUpperCase() === "EHLO") {
      say("250-post.example");
      say("250 AUTH PLAIN");
    } else if (verb.toUpperCase() === "AUTH" && kind.toUpperCase() === "PLAIN") {
      const given = Buffer.from(proof, "base64").toString().split("\0")[2] ?? "";
      this.passwords.push(given);
      say(given === this.password ? "235 Welcome" : "535 5.7.8 That is not the password");
    } else if (verb.toUpperCase() === "QUIT") {
      say("221 Bye");
      socket.end();
    } else {
      say("250 Fine");
    }
  }
}

/** Takes requests and, as it is told to, hangs up without an answer or lets one wait for it. */
export class HangingServer {
  readonly bodies: string[] = [];
  hangsUp = true;
  #release: () => void = () => {};
  #held: Promise<void> = Promise.resolve();

  private constructor(private readonly server: HttpServer) {}

  static async start(): Promise<HangingServer> {
    const server = createHttp();
    const shop = new HangingServer(server);
    server.on("request", (request, response) => {
      let body = "";
      request.on("data", (chunk) => {
        body += chunk;
      });
      request.on("end", async () => {
        shop.bodies.push(body);
        await shop.#held;
        if (shop.hangsUp) request.socket.destroy();
        else response.writeHead(200, { "content-type": "application/json" }).end('{"ok": true}');
      });
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return shop;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/orders`;
  }

  hold(): void {
    this.#held = new Promise((done) => {
      this.#release = done;
    });
  }

  release(): void {
    this.#release();
  }

  async stop(): Promise<void> {
    this.release();
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }
}
