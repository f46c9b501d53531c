import { useEffect, useRef, useState } from "preact/hooks";
import { clock, roomName } from "./format";
import type { Scene } from "./link";
import type { AlertView } from "./wire";

/** What is new is read out together, at most this often, so that one does not cut off another. */
const PACE_MS = 5_000;

/** The one region that interrupts a screen reader: alerts that are new or have risen, and a lost link. Numbers never do. */
export function Announcer({ alerts, scene }: { alerts: AlertView[]; scene: Scene }) {
  const known = useRef(new Set<string>());
  const waiting = useRef<string[]>([]);
  const quietUntil = useRef(0);
  const timer = useRef(0);
  const [spoken, setSpoken] = useState("");

  const speak = () => {
    timer.current = 0;
    quietUntil.current = performance.now() + PACE_MS;
    setSpoken(waiting.current.splice(0).join(". "));
  };
  const announce = (sentences: string[]) => {
    // With its time no sentence is the same as the one before, which would not be read again.
    waiting.current.push(...sentences.map((sentence) => `${clock(scene.now)} ${sentence}`));
    if (waiting.current.length > 0 && timer.current === 0) {
      timer.current = window.setTimeout(speak, quietUntil.current - performance.now());
    }
  };

  useEffect(() => {
    announce(alerts.filter((each) => !known.current.has(version(each))).map(sentence));
    known.current = new Set(alerts.map(version));
  }, [alerts]);
  useEffect(() => {
    if (scene.link === "lost") announce(["Link lost: numbers are old"]);
  }, [scene.link]);

  return (
    <p class="unseen" aria-live="assertive">
      {spoken}
    </p>
  );
}

const version = ({ alert }: AlertView): string => `${alert.id}@${alert.version}`;

const sentence = ({ alert: { priority, room, text, limit } }: AlertView): string =>
  [`${priority} priority`, room ? roomName(room) : "site", text, limit].filter(Boolean).join(", ");
