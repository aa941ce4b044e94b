// Counts down by the server's clock, then enables the button that was waiting.
//
// <p class="countdown">
//   <span>New message in <time data-countdown-until="ISO" data-server-now="ISO" data-countdown-enables="#resend"
//                              data-countdown-done="You can have a new message now.">1:42</time></span>
//   <span role="status"></span>
// </p>
//
// With data-countdown-sends the button's form is sent by itself when the time is over.
//
// The server leaves the button enabled and answers an early press itself; only a page that can count may disable it.

/** @param {HTMLTimeElement} time */
export function countdown(time) {
  const until = Date.parse(time.dataset.countdownUntil ?? "");
  const serverNow = Date.parse(time.dataset.serverNow ?? "");
  if (Number.isNaN(until)) {
    return;
  }

  const offset = Number.isNaN(serverNow) ? 0 : serverNow - Date.now();
  const target = time.dataset.countdownEnables;
  const button = target ? document.querySelector(target) : null;
  let timer = 0;

  const tick = () => {
    clearTimeout(timer);
    const left = until - (Date.now() + offset);
    if (left <= 0) {
      document.removeEventListener("visibilitychange", tick);
      finish(time, button);
      return;
    }

    time.textContent = format(Math.ceil(left / 1000));
    if (button) {
      button.disabled = true;
    }
    // Wakes when the shown second changes, so that it never skips one.
    timer = setTimeout(tick, left % 1000 || 1000);
  };

  // Timers sleep in the background; the truth is shown at once when the page is seen again.
  document.addEventListener("visibilitychange", tick);
  tick();
}

function finish(time, button) {
  if (button) {
    button.disabled = false;
    if ("countdownSends" in time.dataset) {
      button.form?.requestSubmit(button);
      return;
    }
  }

  const line = time.parentElement;
  const status = line?.parentElement?.querySelector("[role=status]");
  if (line && status) {
    line.hidden = true;
    // The only moment worth hearing: a clock that speaks every second would drown the page.
    status.textContent = time.dataset.countdownDone ?? "";
  } else {
    time.textContent = format(0);
  }
}

function format(seconds) {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const rest = String(seconds % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}
