// The blue bar's dialog (S4): the code goes out by itself as soon as the number is complete, and nothing typed on the page behind
// is lost. Without this script the bar leads to a page that does the same with buttons.
//
// <dialog data-number-dialog-part data-address="/apply/mobile" data-offline="…"> with forms [data-part=number] and [data-part=code]
// <button data-number-dialog="id of the dialog">

const pause = 300;

/** @param {HTMLDialogElement} dialog */
export function numberDialog(dialog) {
  const part = (name) => dialog.querySelector(`[data-part="${name}"]`);
  for (const opener of document.querySelectorAll(`[data-number-dialog="${dialog.id}"]`)) {
    opener.addEventListener("click", (event) => {
      event.preventDefault();
      dialog.showModal();
      dialog.querySelector("input[type=tel]")?.focus();
    });
  }

  dialog.querySelector("[data-close]")?.addEventListener("click", () => dialog.close());
  if (part("number")) {
    confirmNumber(dialog, part);
  }
}

function confirmNumber(dialog, part) {
  const address = dialog.dataset.address;
  const numberForm = part("number");
  const codeForm = part("code");
  const tel = numberForm.elements.namedItem("tel");
  const country = numberForm.elements.namedItem("country");
  let sending = null;
  let lastSent = "";
  let timer = 0;

  const show = (element, text) => {
    element.textContent = text ?? "";
    element.hidden = !text;
  };

  async function ask(path, fields) {
    const body = new URLSearchParams(fields);
    body.set("form-token", numberForm.elements.namedItem("form-token").value);
    try {
      const response = await fetch(address + path, { method: "POST", body, headers: { Accept: "application/json" } });
      const answer = await response.json();
      return response.ok ? { answer } : { problem: answer.detail ?? dialog.dataset.offline, code: answer.code };
    } catch {
      return { problem: dialog.dataset.offline };
    }
  }

  const key = () => `${country.value} ${tel.value.trim()}`;

  async function send(byItself) {
    if (byItself && (key() === lastSent || tel.value.trim() === "")) {
      return;
    }

    lastSent = key();
    const { answer, problem } = await ask("/sendings", { tel: tel.value, country: country.value, by_itself: byItself ? "1" : "0" });
    show(part("number-error"), problem);
    tel.toggleAttribute("aria-invalid", Boolean(problem));
    if (answer) {
      started(answer);
    }
  }

  function started(answer) {
    sending = answer;
    codeForm.hidden = false;
    part("sent").textContent = answer.note ?? part("sent").dataset.sent.replace("{0}", answer.to);
    show(part("code-error"), null);
    waitForNext(answer);
    follow(answer.challenge);
    codeForm.elements.namedItem("code").focus();
  }

  function waitForNext(answer) {
    const again = part("again");
    again.disabled = true;
    window.clearTimeout(timer);
    timer = window.setTimeout(() => {
      again.disabled = false;
      if (answer.waits) {
        again.click();
      }
    }, Math.max(0, Date.parse(answer.next_send_at) - Date.parse(answer.now)));
  }

  let events = null;
  function follow(handle) {
    events?.close();
    events = new EventSource(`/challenges/${handle}/events`);
    events.addEventListener("state", (event) => {
      part("delivery").textContent = JSON.parse(event.data).deliveryText ?? "";
    });
    events.addEventListener("error", () => events.close());
  }

  let typing = 0;
  const typed = () => {
    window.clearTimeout(typing);
    typing = window.setTimeout(async () => {
      // Where it cannot be told, the button is there.
      const { answer } = await ask("/completeness", { tel: tel.value, country: country.value });
      if (answer?.complete) {
        await send(true);
      }
    }, pause);
  };
  tel.addEventListener("input", typed);
  tel.addEventListener("change", () => send(true));

  numberForm.addEventListener("submit", (event) => {
    event.preventDefault();
    window.clearTimeout(typing);
    send(event.submitter === null && key() === lastSent);
  });

  codeForm.addEventListener("submit", async (event) => {
    event.preventDefault();
    const code = codeForm.elements.namedItem("code");
    const { answer, problem } = await ask("/answers", { challenge: sending.challenge, prompt: String(sending.prompt), code: code.value });
    show(part("code-error"), problem);
    if (answer?.verified) {
      events?.close();
      numberForm.hidden = true;
      codeForm.hidden = true;
      part("done").hidden = false;
      document.querySelector("[data-number-bar]")?.remove();
      dialog.querySelector("[data-close]").focus();
      if (document.querySelector("[data-reload-when-verified]")) {
        window.location.assign(window.location.pathname + "?done=mobile");
      }
    } else {
      code.select();
    }
  });

  part("again").addEventListener("click", async () => {
    const { answer, problem } = await ask("/repeats", { challenge: sending.challenge });
    show(part("code-error"), problem);
    if (answer) {
      started(answer);
    }
  });
}
