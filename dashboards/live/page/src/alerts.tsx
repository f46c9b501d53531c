import { useState } from "preact/hooks";
import { tell } from "./commands";
import type { Order } from "./commands";
import { clock, decimals, roomName, shortClock, timer } from "./format";
import { Icon } from "./icons";
import { STARS } from "./priority";
import { ms } from "./wire";
import type { Alert, AlertState, AlertView, PageView } from "./wire";

/** How many pages of one alert are listed, the newest last. */
const PAGES_SHOWN = 3;

const BUTTONS: Record<AlertState, [Order, string][]> = {
  raised: [["going", "Going"], ["bedside", "At bedside"], ["silence", "Silence"]],
  going: [["going", "Going"], ["bedside", "At bedside"], ["silence", "Silence"]],
  attended: [["silence", "Silence"]],
  latched: [["going", "Seen"]],
  resolved: [],
};

interface Props {
  alerts: AlertView[];
  now: number;
  /** Who answers; asks for initials when nobody has signed yet. Empty when nobody wants to. */
  sign: () => Promise<string>;
  /** Whether the list has just moved under the finger, or an alert in it has risen. */
  moved: () => boolean;
}

/** Every open alert, in the order of the board. */
export function Alerts({ alerts, ...rest }: Props) {
  return (
    <section class="alerts" id="alerts" aria-label="Open alerts">
      <h2>{alerts.length ? `Open alerts · ${alerts.length}` : "No open alerts"}</h2>
      <ol>
        {alerts.map((each) => (
          <Card key={each.alert.id} shown={each} {...rest} />
        ))}
      </ol>
    </section>
  );
}

function Card({ shown, now, sign, moved }: { shown: AlertView } & Omit<Props, "alerts">) {
  const { alert, pages, paged } = shown;
  const [sending, setSending] = useState<Order | null>(null);
  const [said, setSaid] = useState("");
  const answer = async (order: Order) => {
    if (moved()) return setSaid("The alerts just changed: look, then tap again");
    const by = await sign();
    if (!by) return;
    setSending(order);
    setSaid(await tell(order, alert, by));
    setSending(null);
  };
  return (
    <li class={`alert ${alert.priority} ${alert.state}`}>
      <p class={`title fill ${alert.priority}`}>
        <Icon name={alert.kind === "technical" ? "device" : "person"} />
        <span class="stars">{STARS[alert.priority]}</span>
        <b>{place(alert)}</b>
        <time>{timer(now - ms(alert.raised_at))}</time>
      </p>
      <p class="what">
        {alert.text} <b>{measured(alert)}</b>
      </p>
      <p class="standing">{standing(alert, now)}</p>
      <p class="action">{alert.action}</p>
      <ul class="pages">
        {paged === 0 && <li>nobody paged yet</li>}
        {pages.slice(-PAGES_SHOWN).map((page) => (
          <Paged key={page.id} page={page} />
        ))}
      </ul>
      <p class="said" role="status">
        {said}
      </p>
      <div class="buttons">
        {BUTTONS[alert.state].map(([order, label]) => (
          <button key={order} class={order} disabled={sending !== null} onClick={() => void answer(order)}>
            {sending === order ? "Sending" : label}
          </button>
        ))}
      </div>
    </li>
  );
}

function Paged({ page }: { page: PageView }) {
  const { outcome } = page;
  return (
    <li class={outcome ?? "waiting"}>
      <Icon name={outcome === "delivered" ? "check" : outcome === null ? "wait" : "cross"} />
      <span>
        {page.person} <small>{clock(ms(page.at))}</small>
      </span>
      <span>{outcome ?? "not delivered yet"}</span>
    </li>
  );
}

function standing(alert: Alert, now: number): string {
  const by = alert.by ? ` · ${alert.by} ${shortClock(ms(alert.changed_at))}` : "";
  const told: Record<AlertState, string> = {
    raised: "Not answered",
    going: `Going${by}`,
    attended: `At the bedside${by}`,
    latched: "Over, not answered",
    resolved: "Over",
  };
  const silenced = alert.silenced_until ? ms(alert.silenced_until) - now : 0;
  const mute = silenced > 0 ? ` · silenced ${timer(silenced)}` : "";
  return `${told[alert.state]} · since ${clock(ms(alert.raised_at))}${mute}`;
}

const place = (alert: Alert): string => (alert.room ? roomName(alert.room) : alert.session || "Site");

function measured(alert: Alert): string {
  if (alert.value === undefined) return alert.limit ?? "";
  // It stays as it was when the alert was raised or last rose; the number of now is on the tile.
  const value = `${alert.value.toFixed(decimals(alert.signal))} when told`;
  return alert.limit ? `${value} (${alert.limit})` : value;
}
