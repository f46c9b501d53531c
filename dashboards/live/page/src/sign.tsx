import { useEffect, useRef } from "preact/hooks";
import { STAFF_ID } from "./commands";

interface Props {
  by: string;
  onSigned: (by: string) => void;
}

/** Asks once who is using this page; every answer carries it. Initials or a staff number, never a name. */
export function SignDialog({ by, onSigned }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="sheet" aria-labelledby="sign-title" onClose={() => onSigned("")}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onSigned(field.current?.value.trim() ?? "");
        }}
      >
        <h2 id="sign-title">Who is answering?</h2>
        <label>
          Initials or staff number
          <input ref={field} name="by" defaultValue={by} required maxLength={32} pattern={STAFF_ID} autocomplete="off" autocapitalize="none" />
        </label>
        <div class="buttons">
          <button type="submit">Sign</button>
          <button type="button" class="plain" onClick={() => onSigned("")}>
            Cancel
          </button>
        </div>
      </form>
    </dialog>
  );
}
