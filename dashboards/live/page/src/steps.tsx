// One thing to do with one device, asked for and confirmed in one place.

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { DEVICE_ID, post } from "./commands";
import { wearer, whom } from "./devices";
import type { Nearby, SessionView, SiteDevice } from "./wire";

export type Step =
  | { kind: "add"; near: Nearby }
  | { kind: "put"; device: string; off?: string }
  | { kind: "off"; device: string }
  | { kind: "forget"; device: string };

interface Props {
  devices: SiteDevice[];
  nearby: Nearby[];
  sessions: SessionView[];
  /** What became of the step before. */
  said: string;
  sign: () => Promise<string>;
  /** Go on with another step, or back to the list, and say something there. */
  go: (step: Step | null, said?: string) => void;
}

export function StepView({ step, ...props }: Props & { step: Step }) {
  switch (step.kind) {
    case "add":
      return <Add near={step.near} {...props} />;
    case "put":
      return <Put device={step.device} off={step.off ?? ""} {...props} />;
    case "off":
      return <TakeOff device={step.device} {...props} />;
    case "forget":
      return <Forget device={step.device} {...props} />;
  }
}

/** A nearby device gets an id of ours. */
function Add({ near, devices, nearby, ...rest }: Props & { near: Nearby }) {
  const field = useRef<HTMLInputElement>(null);
  const [free] = useState(() => freeId(near.kind, devices));
  const now = nearby.find((each) => each.nearby === near.nearby);
  const id = () => field.current?.value.trim() ?? "";
  return (
    <Asked
      title={`Add ${near.model}`}
      label="Add"
      order={(by) => ["devices", { nearby: near.nearby, id: id(), by }]}
      done={(text) => rest.go({ kind: "put", device: id() }, text || `${id()} was added.`)}
      {...rest}
    >
      <p>
        {near.name} · {now ? `signal ${now.strength}` : "not heard any more"}
      </p>
      <p class="calm">Several of the same kind? Hold the one you mean close to the station, and look which signal grows strong.</p>
      <label>
        Its id, as on its label
        <input ref={field} defaultValue={free} required maxLength={64} pattern={DEVICE_ID} autocomplete="off" autocapitalize="none" />
      </label>
    </Asked>
  );
}

/** A device goes on somebody; from somebody else it has to come off first. `off`: whom it has just come off. */
function Put({ device, off, sessions, ...rest }: Props & { device: string; off: string }) {
  const [chosen, setChosen] = useState("");
  const on = wearer(device, sessions);
  // The answer to a command and the news of it come in any order.
  if (on && on.id !== chosen && on.id !== off) return <TakeOff device={device} sessions={sessions} first {...rest} />;
  const person = sessions.find((session) => session.id === chosen);
  return (
    <Asked
      title={`Put ${device} on whom?`}
      label={person ? `Put on ${whom(person)}` : "Put on"}
      ready={person !== undefined}
      order={(by) => [`sessions/${chosen}/devices`, { device, worn: true, by }]}
      done={(text) => rest.go(null, text || `${device} is on ${person ? whom(person) : ""}.`)}
      {...rest}
    >
      {sessions.length === 0 && <p>No session is open: nobody can wear it yet.</p>}
      <div class="people" role="radiogroup" aria-label="Person">
        {sessions.map((session) => (
          <label key={session.id} class="choice">
            <input type="radio" name="person" checked={session.id === chosen} onChange={() => setChosen(session.id)} />
            <b>{whom(session)}</b>
            <small>{session.devices.length ? `wears ${session.devices.join(", ")}` : "wears nothing"}</small>
          </label>
        ))}
      </div>
    </Asked>
  );
}

/** A device comes off whoever wears it. `first`: before it can go on somebody else. */
function TakeOff({ device, sessions, first, ...rest }: Omit<Props, "devices" | "nearby"> & { device: string; first?: boolean }) {
  const [on] = useState(() => wearer(device, sessions));
  if (on === undefined) return null;
  return (
    <Asked
      title={first ? `${device} is on ${whom(on)}` : `Take ${device} off ${whom(on)}?`}
      label={first ? "Take it off there" : "Take it off"}
      order={(by) => [`sessions/${on.id}/devices`, { device, worn: false, by }]}
      done={(text) => rest.go({ kind: "put", device, off: on.id }, text || `${device} is off ${whom(on)}.`)}
      {...rest}
    >
      {first && <p>Take it off there first, then put it on somebody else.</p>}
      <p>From then on it no longer watches {whom(on)}.</p>
    </Asked>
  );
}

/** A device is no longer ours. */
function Forget({ device, ...rest }: Props & { device: string }) {
  return (
    <Asked
      title={`Forget ${device}?`}
      label="Forget it"
      order={(by) => [`devices/${device}/forget`, { by }]}
      done={(text) => rest.go(null, text || `${device} was forgotten.`)}
      {...rest}
    >
      <p>The station no longer connects to it. What it has measured stays recorded. It can be added again.</p>
    </Asked>
  );
}

interface AskedProps {
  title: string;
  label: string;
  ready?: boolean;
  /** The path and the body of the command. */
  order: (by: string) => [string, object];
  /** It was accepted; the text says what is not as usual. */
  done: (text: string) => void;
  said: string;
  sign: () => Promise<string>;
  go: (step: Step | null) => void;
  children: ComponentChildren;
}

/** A question with one button that does it, and one that does not. */
function Asked({ title, label, ready = true, order, done, said, sign, go, children }: AskedProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState("");
  // Readers hear where they are; no keyboard covers half a phone.
  useEffect(() => heading.current?.focus(), [title]);
  const gone = useRef(false);
  useEffect(() => () => void (gone.current = true), []);
  const send = async (event: Event) => {
    event.preventDefault();
    const by = await sign();
    // An alert may have taken the question away meanwhile: then nobody would see what became of it.
    if (!by || gone.current) return;
    setSending(true);
    const told = await post(...order(by));
    setSending(false);
    if (told.accepted) done(told.text);
    else setProblem(told.text);
  };
  return (
    <form class="step" onSubmit={(event) => void send(event)}>
      <p class="said" role="status">
        {problem || said}
      </p>
      <h2 id="equipment-title" ref={heading} tabIndex={-1}>
        {title}
      </h2>
      {children}
      <div class="buttons last">
        <button type="submit" disabled={sending || !ready}>
          {sending ? "Sending" : label}
        </button>
        <button type="button" class="plain" onClick={() => go(null)}>
          Back
        </button>
      </div>
    </form>
  );
}

/** The first id of a kind that nothing here has: oximeter-3 */
function freeId(kind: string, devices: SiteDevice[]): string {
  const taken = new Set(devices.map((device) => device.id));
  for (let number = 1; ; number++) {
    if (!taken.has(`${kind}-${number}`)) return `${kind}-${number}`;
  }
}
