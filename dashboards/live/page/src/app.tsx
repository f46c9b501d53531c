import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Alerts } from "./alerts";
import { Announcer } from "./announce";
import { author } from "./commands";
import { EquipmentDialog } from "./equipment";
import { Header } from "./header";
import { Link } from "./link";
import { SignDialog } from "./sign";
import { Tile } from "./tile";
import type { Alert, AlertView, SessionView } from "./wire";

/** After the list of alerts has changed, a tap for so long (ms) may have been meant for another alert, or a milder one. */
const SETTLE_MS = 500;

const NO_ALERTS: AlertView[] = [];

const DISCLAIMER = "Adjunct to bedside monitoring and direct observation; not a medical device. This page makes no sound.";

export function App() {
  const [, redraw] = useState(0);
  const link = useMemo(() => new Link(() => redraw((count) => count + 1)), []);
  const [by, setBy] = useState(author.get());
  const [asking, setAsking] = useState<((by: string) => void) | null>(null);
  const [equipment, setEquipment] = useState(false);

  useEffect(() => {
    link.start();
    const tick = window.setInterval(() => redraw((count) => count + 1), 1_000);
    return () => window.clearInterval(tick);
  }, [link]);

  const scene = link.scene();
  const alerts = scene.board?.alerts ?? NO_ALERTS;
  const sessions = scene.board?.sessions ?? [];
  const places = placesOf(sessions);
  const order = alerts.map(({ alert }) => `${alert.id}@${alert.version}`).join();
  const moved = useMoved(order);
  const ask = () => new Promise<string>((resolve) => setAsking(() => resolve));
  const signed = (given: string) => {
    if (given) {
      author.set(given);
      setBy(given);
    }
    asking?.(given);
    setAsking(null);
  };

  // Nothing that can wait stays in front of an alert.
  useEffect(() => setEquipment(false), [order]);

  useEffect(() => {
    document.title = `${scene.link === "lost" ? "LINK LOST · " : alerts.length ? `(${alerts.length}) ` : ""}Vigil`;
  });

  return (
    <div class={`page ${scene.link} places-${Math.min(places.length, 8)}`}>
      <Header scene={scene} by={by} onSign={() => void ask()} onEquipment={() => setEquipment(true)} />
      <Alerts alerts={alerts} now={scene.now} moved={moved} sign={async () => by || ask()} />
      <main aria-label="Sessions">
        {places.map((session, slot) =>
          session ? (
            <Tile key={session.id} session={session} scene={scene} alerts={of(session, alerts)} />
          ) : (
            <div key={slot} class="tile free">
              free
            </div>
          ),
        )}
        {scene.board && sessions.length === 0 && <p class="nobody">No session is open. Nobody is watched.</p>}
      </main>
      <footer class="bottom">{DISCLAIMER}</footer>
      <Announcer alerts={alerts} scene={scene} />
      {asking && <SignDialog by={by} onSigned={signed} />}
      {equipment && scene.board && (
        <EquipmentDialog
          site={scene.board.site}
          sessions={sessions}
          now={scene.now}
          sign={async () => by || ask()}
          onClose={() => setEquipment(false)}
        />
      )}
    </div>
  );
}

/** Whether the alerts, their order or their versions changed a moment ago. */
function useMoved(order: string): () => boolean {
  const last = useRef({ order, at: -SETTLE_MS });
  if (order !== last.current.order) last.current = { order, at: performance.now() };
  return () => performance.now() - last.current.at < SETTLE_MS;
}

/** The sessions by place. A place that became free stays empty, so that nobody else's tile moves. */
function placesOf(sessions: SessionView[]): (SessionView | undefined)[] {
  const places: (SessionView | undefined)[] = [];
  for (const session of sessions) places[session.slot] = session;
  return Array.from(places);
}

const of = (session: SessionView, alerts: AlertView[]): Alert[] =>
  alerts.map((each) => each.alert).filter((alert) => alert.session === session.id);
