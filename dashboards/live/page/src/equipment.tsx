import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Devices, NearbyDevices, sends, wearer } from "./devices";
import { age, clock, words } from "./format";
import { useAround } from "./nearby";
import { StepView } from "./steps";
import type { Step } from "./steps";
import { ms } from "./wire";
import type { SessionView, SiteDevice, SiteView } from "./wire";

interface Props {
  site: SiteView;
  sessions: SessionView[];
  now: number;
  /** Who does it; empty when nobody wants to say. */
  sign: () => Promise<string>;
  onClose: () => void;
}

/** The devices and who wears them, what is nearby, what is wrong, and what was not used and why. */
export function EquipmentDialog({ site, sessions, now, sign, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const around = useAround();
  const [step, setStep] = useState<Step | null>(null);
  const [said, setSaid] = useState("");
  useEffect(() => dialog.current?.showModal(), []);
  useEffect(() => dialog.current?.scrollTo(0, 0), [step]);
  const devices = allDevices(site, around?.devices ?? []);
  const used = devices.filter((device) => wearer(device.id, sessions));
  const spare = devices.filter((device) => !used.includes(device));
  const go = (next: Step | null, told = "") => {
    setStep(next);
    setSaid(told);
  };
  const shared = { sessions, now, go };
  const back = (event: Event) => {
    if (step === null) return;
    event.preventDefault();
    go(null);
  };
  return (
    <dialog ref={dialog} class="sheet wide" aria-labelledby="equipment-title" onCancel={back} onClose={onClose}>
      {step ? (
        <StepView step={step} devices={devices} nearby={around?.nearby ?? []} sessions={sessions} said={said} sign={sign} go={go} />
      ) : (
        <>
          <h2 id="equipment-title">Equipment</h2>
          <p class="said" role="status">
            {said}
          </p>
          <List title="Out of order" none="nothing">
            {site.conditions.map((each) => (
              <li key={each.code + each.subject}>
                {words(each.code)} {each.subject} · {age(now - ms(each.since))} · {each.detail}
              </li>
            ))}
          </List>
          <Devices title="On nobody" none="none" devices={astrayFirst(spare, now)} {...shared} />
          <NearbyDevices around={around} now={now} go={go} />
          <Devices title="On somebody" none="none" devices={used} {...shared} />
          <Refused site={site} />
          <div class="buttons last">
            <button onClick={onClose}>Close</button>
          </div>
        </>
      )}
    </dialog>
  );
}

/** What was not used, and how much was. */
function Refused({ site }: { site: SiteView }) {
  const { counters } = site;
  return (
    <>
      <List title="Refused messages, newest first" none="none">
        {site.refused.map((each, index) => (
          <li key={index}>
            {clock(ms(each.at))} {each.device || each.source} · {each.reason}
          </li>
        ))}
      </List>
      <p class="calm counters">
        {counters.readings} readings · {counters.late} late · {counters.duplicates} duplicates · {counters.gaps} missing ·{" "}
        {counters.quarantined} refused · {counters.unclaimed} unclaimed · {counters.ignored} ignored
      </p>
    </>
  );
}

function List({ title, none, children }: { title: string; none: string; children: ComponentChildren[] }) {
  return (
    <section>
      <h3>{title}</h3>
      <ul>{children.length ? children : <li class="calm">{none}</li>}</ul>
    </section>
  );
}

/** The station's stream is newer than what was asked for; that also knows what was never heard. */
function allDevices(site: SiteView, asked: SiteDevice[]): SiteDevice[] {
  const every = new Map(asked.map((device) => [device.id, device]));
  for (const device of site.devices) {
    const known = every.get(device.id);
    const heard_at = Math.max(device.heard_at ?? 0, known?.heard_at ?? 0) || null;
    every.set(device.id, { ...device, heard_at, model: known?.model ?? "" });
  }
  return [...every.values()].sort((a, b) => a.id.localeCompare(b.id, undefined, { numeric: true }));
}

/** What sends while nobody wears it may be somebody's, unseen. */
const astrayFirst = (devices: SiteDevice[], now: number): SiteDevice[] =>
  [...devices].sort((a, b) => Number(sends(b, now)) - Number(sends(a, now)));
