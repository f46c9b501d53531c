// What people tell the station. A command names its author and, for an alert, the version that was seen.

import type { Alert } from "./wire";

const TIMEOUT_MS = 5_000;
const KEY = "vigil.by";

export const STAFF_ID = "[A-Za-z0-9][A-Za-z0-9._\\-]{0,31}";

export const DEVICE_ID = "[A-Za-z0-9][A-Za-z0-9._\\-]{0,63}";

export const author = {
  get: (): string => sessionStorage.getItem(KEY) ?? "",
  set: (by: string): void => sessionStorage.setItem(KEY, by),
};

export type Order = "going" | "bedside" | "silence";

/** What became of a command; the text is empty when there is nothing to say. */
export interface Outcome {
  accepted: boolean;
  text: string;
}

/** Answer an alert, or silence it; the text says what became of it. */
export async function tell(order: Order, alert: Alert, by: string): Promise<string> {
  const seen = { alert: alert.id, version: alert.version, by };
  const [path, body] =
    order === "silence" ? ["silence", seen] : ["acknowledge", { ...seen, at_bedside: order === "bedside" }];
  return (await post(`alerts/${path}`, body)).text;
}

/** Send one command. */
export async function post(path: string, body: object): Promise<Outcome> {
  try {
    const answer = await fetch(`/api/v1/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const told = (await answer.json()) as { detail?: unknown; recorded?: boolean };
    if (!answer.ok) {
      const why = typeof told.detail === "string" ? told.detail : answer.status;
      return { accepted: false, text: `Not accepted: ${why}` };
    }
    return { accepted: true, text: told.recorded === false ? "Accepted, but not recorded yet" : "" };
  } catch {
    return { accepted: false, text: "NOT SENT: no answer from the station. Try again." };
  }
}
