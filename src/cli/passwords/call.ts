import { setTimeout as sleep } from "node:timers/promises";
import { Agent, request } from "undici";
import type { CredentialRef } from "../../connectors/contract.ts";
import { StoreError } from "../../connectors/errors.ts";
import type { Passwords } from "../../core/kinds/passwords.ts";
import type { PasswordDelivery } from "../../core/model/password.ts";

export type CallSpec = NonNullable<NonNullable<Passwords["initial"]>["deliver"]["call"]>;

/** Milliseconds to an answer, and between its parts. */
const patience = 10_000;
/** Milliseconds before each further try. */
const waits = [500, 1_500];
/** Bytes of an answer that are read, to keep the connection: what it says is not used. */
const longestAnswer = 64 * 1024;

/**
 * Posts passwords to a service: JSON over TLS that is verified, one call each, tried three times while the service cannot say. A redirect
 * is refused: it would take the password elsewhere. Errors name the URL and the answer's status, never what was sent or came back.
 */
export class PasswordCall {
  readonly #spec: CallSpec;
  readonly #secret: (reference: CredentialRef) => Promise<string>;
  #agent: { readonly ca: string | undefined; readonly agent: Agent } | undefined;

  constructor(spec: CallSpec, secret: (reference: CredentialRef) => Promise<string>) {
    this.#spec = spec;
    this.#secret = secret;
  }

  /** Throws a `StoreError`. */
  async deliver(delivery: PasswordDelivery, signal: AbortSignal): Promise<void> {
    const { header, ca } = this.#spec;
    const headers = {
      "content-type": "application/json",
      ...(header && { [header.name]: (await this.#secret(header.value)).trim() }),
    };
    const dispatcher = this.#dispatcher(ca && (await this.#secret(ca)));
    const body = JSON.stringify(delivery);
    for (let tries = 0; ; tries++) {
      const failed = await this.#send({ headers, body, dispatcher, signal });
      if (failed === undefined) return;
      const wait = failed.kind === "Unavailable" ? waits[tries] : undefined;
      if (wait === undefined) throw failed;
      await sleep(wait, undefined, { signal }).catch(() => {
        throw failed;
      });
    }
  }

  async #send(
    options: Pick<Parameters<typeof request>[1] & object, "body" | "dispatcher" | "signal"> & {
      readonly headers: Record<string, string>;
    },
  ): Promise<StoreError | undefined> {
    const limits = { headersTimeout: patience, bodyTimeout: patience };
    try {
      const { statusCode, body } = await request(this.#spec.url, { method: "POST", ...options, ...limits });
      await body.dump({ limit: longestAnswer });
      return this.#refusal(statusCode);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      return this.#error(
        "Unavailable",
        `${code ?? message}; see that it is up, and that its certificate fits`,
      );
    }
  }

  #refusal(status: number): StoreError | undefined {
    if (status >= 200 && status < 300) return undefined;
    const answered = `it answered ${status}`;
    if (status >= 300 && status < 400)
      return this.#error("Denied", `${answered}, a redirect, which is not followed; name where it leads`);
    if (status === 429 || status >= 500) return this.#error("Unavailable", answered);
    if (status === 401 || status === 403)
      return this.#error("Denied", `${answered}; renew the credential in its header`);
    return this.#error("Invalid", `${answered}; see what it asks for`);
  }

  #error(kind: "Unavailable" | "Denied" | "Invalid", why: string): StoreError {
    return new StoreError(kind, `cannot deliver the password to ${this.#spec.url}: ${why}`);
  }

  /** One for all calls, for as long as the authority is the same. */
  #dispatcher(ca: string | undefined): Agent {
    if (this.#agent?.ca !== ca || !this.#agent) {
      void this.#agent?.agent.close();
      const connect = { timeout: patience, ...(ca !== undefined && { ca }) };
      this.#agent = { ca, agent: new Agent({ connect, keepAliveTimeout: 1_000 }) };
    }
    return this.#agent.agent;
  }
}
