// Live pages: a hint says which service to ask again; what it said is never in the hint itself.
(() => {
  const body = document.body;
  const stream = document.getElementById("stream");
  const heard = document.getElementById("heard");
  const pending = new Map();
  let source = null, since = "", opened = false;

  const say = (live) => {
    if (!stream) return;
    stream.classList.toggle("on", live);
    const text = live ? body.dataset.liveYes : body.dataset.liveNo;
    const said = stream.querySelector(".said");
    if (said.textContent !== text) said.textContent = text;
  };

  const reread = (part) => {
    // Once at once, and once more when copies in other services have had time to follow.
    for (const timer of pending.get(part.id) || []) clearTimeout(timer);
    const ask = () => document.getElementById(part.id) && htmx.trigger("#" + part.id, "live");
    pending.set(part.id, [setTimeout(ask, 150), setTimeout(ask, 1500)]);
  };
  const rereadAll = () => document.querySelectorAll("[data-live]").forEach(reread);

  const open = () => {
    if (source || !document.querySelector("[data-live]")) return;
    source = new EventSource(body.dataset.stream + (since ? "?since=" + encodeURIComponent(since) : ""));
    const keep = (event) => { if (event.lastEventId) since = event.lastEventId; };
    source.onopen = () => say(true);
    source.addEventListener("hello", (event) => { keep(event); if (opened) rereadAll(); opened = true; });
    source.addEventListener("reset", (event) => { keep(event); rereadAll(); });
    source.addEventListener("hint", (event) => {
      keep(event);
      const service = JSON.parse(event.data).service;
      document.querySelectorAll("[data-live]").forEach((part) => {
        if (part.dataset.live.split(" ").includes(service)) reread(part);
      });
    });
    source.onerror = () => {
      say(false);
      if (source && source.readyState === EventSource.CLOSED) { close(); setTimeout(open, 5000); }
    };
  };
  const close = () => { if (source) source.close(); source = null; };

  if (body.dataset.stream) {
    open();
    // A browser has few connections per site; a page nobody looks at gives its own back.
    document.addEventListener("visibilitychange", () => { document.hidden ? close() : open(); });
    window.addEventListener("pagehide", close);
    window.addEventListener("pageshow", (event) => { if (event.persisted) { open(); rereadAll(); } });
  }

  let before = "";
  document.addEventListener("htmx:beforeSwap", (event) => { before = event.detail.target.textContent; });
  document.addEventListener("htmx:afterSettle", (event) => {
    const part = document.getElementById(event.detail.target.id);
    if (part && part.dataset.live !== undefined && part.textContent !== before) {
      const clock = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
      heard.textContent = body.dataset.refreshed + " " + clock;
    }
  });

  const busy = (on) => document.getElementById("progress").classList.toggle("on", on);
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) { event.preventDefault(); return; }
    if (form.dataset.sent) { event.preventDefault(); return; }
    if (form.method === "post") form.dataset.sent = "yes";
    busy(true);
    const button = event.submitter;
    if (button && form.method === "post") { button.setAttribute("aria-busy", "true"); button.dataset.was = button.innerHTML; button.textContent = body.dataset.sending; }
  });
  window.addEventListener("pageshow", () => {
    busy(false);
    document.querySelectorAll("form[data-sent]").forEach((form) => {
      delete form.dataset.sent;
      form.querySelectorAll("[aria-busy]").forEach((button) => { button.removeAttribute("aria-busy"); button.innerHTML = button.dataset.was; });
    });
  });

  // Rows that are added to a form: another child, another weekday. The last row is copied, emptied and numbered on.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-add]");
    if (!button) return;
    const rows = document.querySelectorAll(button.dataset.add);
    const copy = rows[rows.length - 1].cloneNode(true);
    copy.querySelectorAll("input").forEach((input) => { input.value = ""; input.removeAttribute("aria-invalid"); });
    copy.querySelectorAll(".wrong").forEach((wrong) => wrong.remove());
    rows[rows.length - 1].after(copy);
    copy.querySelector("input, select").focus();
  });

  // The part of a form that a choice asks for.
  const choose = () => document.querySelectorAll("[data-when]").forEach((part) => {
    const [name, value] = part.dataset.when.split("=");
    const chosen = document.querySelector(`[name="${name}"]:checked`);
    part.hidden = !chosen || chosen.value !== value;
    part.querySelectorAll("input, select").forEach((input) => { input.disabled = part.hidden; });
  });
  document.addEventListener("change", choose);
  document.addEventListener("htmx:afterSettle", choose);
  choose();

  // A dispatcher who picks carers sees how many offers would go out.
  const count = () => document.querySelectorAll("[data-count]").forEach((button) => {
    const picked = document.querySelectorAll(`input[name="${button.dataset.count}"]:checked`).length;
    button.disabled = picked === 0;
    button.querySelector(".count").textContent = picked ? ` (${picked})` : "";
  });
  document.addEventListener("change", count);
  count();

  const menu = document.querySelector("details.me");
  if (menu) {
    document.addEventListener("click", (event) => { if (!menu.contains(event.target)) menu.open = false; });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && menu.open) { menu.open = false; menu.querySelector("summary").focus(); }
    });
  }
  const first = document.querySelector("[aria-invalid], .notice.bad");
  if (first) first.focus && first.focus();
})();
