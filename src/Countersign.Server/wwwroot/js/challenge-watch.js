// Follows a challenge while its page waits: delivery in words, and on when it is decided.
//
// <section data-challenge-events="/challenges/H/events" data-challenge-state="/challenges/H" data-challenge-page="/sign-in/…">
//   <p data-delivery-text aria-live="polite">…</p>
//
// Both addresses answer {"state", "delivery", "deliveryText"}; the first as server-sent events named "state".
// A page of a decided challenge must not carry these attributes, or it would load itself for ever.

const decided = new Set(["approved", "used", "failed", "denied", "expired", "cancelled"]);
const pollEvery = 2000;
const sessionArrives = 1000;

/** @param {HTMLElement} element */
export function challengeWatch(element) {
  const { challengeEvents, challengeState, challengePage } = element.dataset;
  let source = null;
  let timer = 0;
  let polling = false;
  let request = null;
  let done = false;

  const stop = () => {
    source?.close();
    source = null;
    clearTimeout(timer);
    request?.abort();
    request = null;
  };

  const leave = () => {
    done = true;
    stop();
    location.assign(challengePage ?? location.href);
  };

  const show = (challenge) => {
    const text = element.querySelector("[data-delivery-text]");
    if (text && challenge.deliveryText && text.textContent !== challenge.deliveryText) {
      text.textContent = challenge.deliveryText;
    }
    if (done || !decided.has(challenge.state)) {
      return;
    }

    if (challenge.state === "used") {
      // Another tab has answered, and the session is still on its way to this browser: going on now would come too early.
      done = true;
      stop();
      setTimeout(leave, sessionArrives);
    } else {
      leave();
    }
  };

  const poll = async () => {
    const mine = new AbortController();
    request = mine;
    try {
      const response = await fetch(challengeState, { headers: { accept: "application/json" }, signal: mine.signal });
      if (response.status === 404 || response.status === 410) {
        leave();
        return;
      }
      if (response.ok) {
        show(await response.json());
      }
    } catch {
      // No connection, or the page was hidden: the next round tries again.
    }
    if (!done && request === mine) {
      timer = setTimeout(poll, pollEvery);
    }
  };

  const start = () => {
    if (done || document.hidden) {
      return;
    }
    if (polling || !("EventSource" in window)) {
      poll();
      return;
    }

    source = new EventSource(challengeEvents);
    source.addEventListener("state", (event) => show(JSON.parse(event.data)));
    source.addEventListener("error", () => {
      // A proxy that cuts long answers would cut the next one too, so this page stays with polling.
      polling = true;
      stop();
      timer = setTimeout(poll, pollEvery);
    });
  };

  document.addEventListener("visibilitychange", () => {
    stop();
    start();
  });
  // A form of this page is on its way: its answer sets the session, and going anywhere else now would throw it away.
  document.addEventListener("submit", () => {
    done = true;
    stop();
  });
  // A page that goes into the history must let go of its connection, and take it up again when it returns.
  window.addEventListener("pagehide", stop);
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) {
      done = false;
      start();
    }
  });
  start();
}
