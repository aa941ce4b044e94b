// Keeps the demo phone and the demo mailbox up to date without a reload.
//
// <div data-live-list="/demo/phone/messages?to=…" data-live-target="#messages"
//      data-live-zone="Asia/Hong_Kong" data-live-zone-name="HKT">
//   <ol id="messages"> <li>…</li> </ol>
//   <div data-live-empty>…</div>
//   <template> <li><p data-field="text"></p><time data-field="at"></time></li> </template>
//
// The address answers a JSON array, newest first: [{to, text, at, channel}]. Texts become text nodes, never markup.

const every = 1500;

/** @param {HTMLElement} element */
export function liveList(element) {
  const { liveList: url, liveTarget } = element.dataset;
  const list = liveTarget ? document.querySelector(liveTarget) : element;
  const template = element.querySelector("template");
  if (!list || !template) {
    return;
  }

  // What the server rendered counts as seen from the first answer on.
  const seen = new Set();
  let known = list.children.length;
  let timer = 0;
  let busy = false;

  const refresh = async () => {
    clearTimeout(timer);
    if (document.hidden || busy) {
      return;
    }

    busy = true;
    try {
      const response = await fetch(url, { headers: { accept: "application/json" } });
      if (response.ok) {
        add(await response.json());
      }
    } catch {
      // The server restarts now and then; the next round finds it again.
    }
    busy = false;
    timer = setTimeout(refresh, every);
  };

  const add = (items) => {
    const oldestFirst = [...items].reverse();
    for (const item of oldestFirst) {
      const key = JSON.stringify([item.at, item.to, item.channel, item.text]);
      if (seen.has(key)) {
        continue;
      }
      seen.add(key);
      if (known > 0) {
        known -= 1;
      } else {
        list.prepend(render(template, item, element.dataset));
      }
    }

    const empty = element.querySelector("[data-live-empty]");
    if (empty) {
      empty.hidden = list.children.length > 0;
    }
  };

  document.addEventListener("visibilitychange", refresh);
  refresh();
}

function render(template, item, settings) {
  const node = template.content.cloneNode(true);
  for (const field of node.querySelectorAll("[data-field]")) {
    const name = field.dataset.field;
    if (name === "at") {
      field.dateTime = item.at;
      field.textContent = when(item.at, settings);
    } else {
      field.textContent = item[name] ?? "";
    }
  }

  // Lets the stylesheet welcome what arrived while the page was open.
  node.firstElementChild?.setAttribute("data-new", "");
  return node;
}

function when(at, { liveZone, liveZoneName = "UTC" }) {
  // As the server writes it: 24 Nov 2026, 17:05 (Asia/Hong Kong).
  const language = document.documentElement.lang;
  const options = { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: liveZone ?? "UTC" };
  return `${new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, options).format(new Date(at))} (${liveZoneName})`;
}
