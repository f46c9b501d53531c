import { useEffect, useRef } from "preact/hooks";
import { SILENT_MS, SPAN_MS, traceOf } from "./traces";
import type { Trace } from "./traces";

const LABELS = { ecg: "ECG", infrared: "Pleth" };
/** What is drawn at least as high as the strip: noise is not to look like a signal. In mV, or parts of the light. */
const LEAST_SPAN = { ecg: 0.8, infrared: 0.004 };
/** The gap in front of the newest point. */
const AHEAD_MS = 400;

/** The last seconds of a session's waveform, drawn over themselves from left to right as monitors do. For looking at. */
export function Strip({ session }: { session: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const trace = traceOf(session);
  const shown = trace !== undefined;

  useEffect(() => {
    if (!shown) return undefined;
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    let frame = 0;
    const step = () => {
      const current = traceOf(session);
      if (canvas.current && current) draw(canvas.current, current, still);
      frame = window.requestAnimationFrame(step);
    };
    frame = window.requestAnimationFrame(step);
    return () => window.cancelAnimationFrame(frame);
  }, [session, shown]);

  if (!trace) return null;
  const { channel, origin } = trace.strip;
  return (
    <div class={`strip ${channel}`}>
      <span>{LABELS[channel]}</span>
      <canvas ref={canvas} role="img" aria-label={`${LABELS[channel]} waveform${origin === "real" ? "" : `, ${origin}`}`} />
    </div>
  );
}

function draw(canvas: HTMLCanvasElement, trace: Trace, still: boolean): void {
  const now = performance.now();
  const ratio = window.devicePixelRatio;
  const [width, height] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const pen = canvas.getContext("2d");
  if (!pen) return;
  pen.clearRect(0, 0, width, height);
  if (now - trace.heard > SILENT_MS) return;
  const head = still ? trace.end : trace.head(now);
  const [low, span] = bounds(trace);
  pen.strokeStyle = getComputedStyle(canvas).color;
  pen.lineWidth = 1.25 * ratio;
  pen.lineJoin = "round";
  pen.beginPath();
  let before = -Infinity;
  let left = -1;
  for (const [t, value] of points(trace, head)) {
    const x = ((t % SPAN_MS) / SPAN_MS) * width;
    const y = height - ((value - low) / span) * (height - 4 * ratio) - 2 * ratio;
    if (x < left || t - before > 150) pen.moveTo(x, y);
    else pen.lineTo(x, y);
    [before, left] = [t, x];
  }
  pen.stroke();
}

/** Time and value of what is drawn, oldest first. */
function* points(trace: Trace, head: number): Generator<[number, number]> {
  for (const { from, step, points } of trace.pieces) {
    for (const [index, value] of points.entries()) {
      const t = from + index * step;
      if (t <= head && t > head - SPAN_MS + AHEAD_MS) yield [t, value];
    }
  }
}

function bounds(trace: Trace): [number, number] {
  const values = trace.pieces.flatMap((piece) => piece.points);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const span = Math.max(high - low, LEAST_SPAN[trace.strip.channel]);
  return [(low + high - span) / 2, span];
}
