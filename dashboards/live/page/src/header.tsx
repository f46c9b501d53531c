import { age, clock, timer } from "./format";
import type { Scene } from "./link";
import { PRIORITIES, STARS } from "./priority";
import type { AlertView } from "./wire";

interface Props {
  scene: Scene;
  by: string;
  onSign: () => void;
  onEquipment: () => void;
}

/** Always there: where this is, what time it is for the station, and whether any of it can be believed. */
export function Header({ scene, by, onSign, onEquipment }: Props) {
  const { board, link, recorded } = scene;
  const site = board?.site;
  const refused = site?.counters.quarantined ?? 0;
  return (
    <header class={`top ${link}`}>
      <div class="tools">
        <p class={recorded ? "recording" : "recording off"}>{recorded ? "Recording" : "NOT RECORDING"}</p>
        <button class="plain" onClick={onEquipment}>
          Equipment{refused > 0 && <small>{refused} refused</small>}
        </button>
        <button class="plain" onClick={onSign}>
          {by || "Sign"}
        </button>
      </div>
      <h1>{site?.name ?? "Vigil"}</h1>
      {site && site.origin !== "real" && <span class="origin">{site.origin}</span>}
      <time class="clock">{board ? clock(scene.now) : "--:--:--"}</time>
      <Counts alerts={board?.alerts ?? []} />
      <p class="news">{news(scene)}</p>
    </header>
  );
}

/** How many alerts are open: on a phone the list itself may be out of sight. */
function Counts({ alerts }: { alerts: AlertView[] }) {
  const counted = PRIORITIES.map((priority) => ({
    priority,
    count: alerts.filter((each) => each.alert.priority === priority).length,
  }));
  return (
    <a class="counts" href="#alerts" aria-label="Open alerts">
      {counted
        .filter(({ count }) => count > 0)
        .map(({ priority, count }) => (
          <span key={priority} class={`fill ${priority}`}>
            {STARS[priority]} {count}
          </span>
        ))}
    </a>
  );
}

function news({ link, silence, stopped }: Scene): string {
  if (link === "lost") {
    return `${stopped ? "NOT WATCHING" : "LINK LOST"} ${timer(silence)} · numbers are old, look at the person`;
  }
  if (link === "slow") return `Connection slow: last news ${age(silence)} ago`;
  return link === "connecting" ? "Connecting" : "Link OK";
}
