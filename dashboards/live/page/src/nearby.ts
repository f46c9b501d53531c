// What the station's Bluetooth hears, and which devices are ours: asked for while somebody looks.

import { useEffect, useState } from "preact/hooks";
import type { Nearby, SiteDevice } from "./wire";

const ASK_EVERY_MS = 2_000;
const TIMEOUT_MS = 5_000;

export interface Around {
  /** Every device of the site, by id; those that were never heard too. */
  devices: SiteDevice[];
  nearby: Nearby[];
  /** Why nothing nearby can be shown; empty when it can. */
  why: string;
}

interface Answer<T> {
  told: T[];
  why: string;
  /** Asking again will give the same. */
  final: boolean;
}

/** What is around, asked for again and again; null until the first answer. */
export function useAround(): Around | null {
  const [around, setAround] = useState<Around | null>(null);
  useEffect(() => {
    let timer = 0;
    let heard: Answer<Nearby> | null = null;
    let over = false;
    const look = async () => {
      const devices = await asked<SiteDevice>("devices");
      if (!heard?.final) heard = await asked<Nearby>("devices/nearby");
      if (over) return;
      setAround({ devices: devices.told, nearby: heard.told, why: heard.why });
      timer = window.setTimeout(() => void look(), ASK_EVERY_MS);
    };
    void look();
    return () => {
      over = true;
      window.clearTimeout(timer);
    };
  }, []);
  return around;
}

async function asked<T>(path: string): Promise<Answer<T>> {
  try {
    const answer = await fetch(`/api/v1/${path}`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (answer.ok) return { told: (await answer.json()) as T[], why: "", final: false };
    const { detail } = (await answer.json()) as { detail?: unknown };
    const why = typeof detail === "string" ? detail : `the station answers ${answer.status}`;
    return { told: [], why, final: answer.status === 409 };
  } catch {
    return { told: [], why: "no answer from the station", final: false };
  }
}
