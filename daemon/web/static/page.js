"use strict";
// Lays out what /events says. Words are the daemon's; nothing is computed here.

const STALE = 5000; // ms without an event until the page says so
const SIGNS = { good: "✔", warn: "▲", bad: "✖", idle: "–" };
const $ = (id) => document.getElementById(id);
// Only what a header can carry.
const stored = (key) => (sessionStorage.getItem(key) || "").replace(/[^\x20-\xff]/g, "?");

let heard = 0; // when the last event came; 0: none yet
let edition = "";
let firing = null; // incident → title, to tell what is new
let state = null;
let source = null;

// -- elements

const SVG = "http://www.w3.org/2000/svg";
const DRAWN = new Set(["svg", "rect", "line", "path"]);

function h(tag, attributes, ...children) {
  const made = DRAWN.has(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value !== false && value !== null) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== "" && child !== null));
  return made;
}

const key = (node) => (node.dataset ? node.dataset.key : undefined);

// Makes `old` like `fresh`, keeping nodes: focus, selection and what is unfolded stay.
function morph(old, fresh) {
  if (old.nodeName !== fresh.nodeName || key(old) !== key(fresh)) {
    old.replaceWith(fresh);
  } else if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
  } else {
    for (const { name } of [...old.attributes]) {
      if (!fresh.hasAttribute(name) && name !== "open") old.removeAttribute(name);
    }
    for (const { name, value } of fresh.attributes) {
      if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    morphChildren(old, [...fresh.childNodes]);
  }
}

// What has a key (an alert, a button) never becomes another's.
function morphChildren(parent, fresh) {
  const keys = new Set(fresh.map((child) => key(child)));
  for (const child of [...parent.children]) {
    if (key(child) && !keys.has(key(child))) child.remove();
  }
  fresh.forEach((child, i) => {
    const old = parent.childNodes[i];
    if (!old || (key(child) && key(old) !== key(child))) parent.insertBefore(child, old || null);
    else morph(old, child);
  });
  [...parent.childNodes].slice(fresh.length).forEach((child) => child.remove());
}

const fill = (id, ...children) => morphChildren($(id), [...h("div", {}, ...children).childNodes]);

// -- parts

const toned = (tone, text, tag = "span") =>
  h(tag, { class: tone }, h("span", { class: "sign", "aria-hidden": "true" }, SIGNS[tone]), " ", text);

function table(caption, heads, rows) {
  const head = h("tr", {}, heads.map((text) => h("th", { scope: "col" }, text)));
  const body = rows.map(([first, ...cells]) =>
    h("tr", {}, h("th", { scope: "row" }, first), cells.map((cell) => h("td", {}, cell))));
  return h("table", {}, h("caption", { class: "unseen" }, caption),
    h("thead", {}, head), h("tbody", {}, body));
}

// A value between -1 and 1 with its interval; the words beside it say the same.
function scale(given, marks = []) {
  if (!given) return "";
  const x = (value) => (100 * value).toFixed(1);
  const line = (at, kind, high) =>
    h("line", { class: kind, x1: x(at), x2: x(at), y1: -high, y2: high });
  const band = given.low === null ? [] : [h("rect",
    { class: "band", x: x(given.low), width: x(given.high - given.low), y: -5, height: 10 })];
  return h("svg", { class: "scale", viewBox: "-102 -10 204 20", "aria-hidden": "true",
    preserveAspectRatio: "none" },
    h("line", { class: "axis", x1: -100, x2: 100, y1: 0, y2: 0 }),
    line(0, "zero", 8), marks.map((at) => line(at, "mark", 6)), band, line(given.at, "at", 9));
}

function alert(one) {
  const tone = one.severity === "critical" ? "bad" : one.severity === "warning" ? "warn" : "idle";
  return h("article", { class: `alert ${tone}`, "data-key": one.incident },
    h("h2", {}, toned(tone, one.title)),
    one.message && h("p", {}, one.message),
    h("p", { class: "soft" }, `${one.severity} · ${one.pair} · ${one.state}`, one.remarks && ` · ${one.remarks}`),
    h("p", { class: "commands" }, stored("token") ? buttons(one) : ""),
    h("details", {}, h("summary", {}, "Why"), h("ul", {}, one.why.map((line) => h("li", {}, line)))));
}

function buttons(one) {
  const command = (text, what, body) => h("button",
    { type: "button", "data-key": what, "data-command": what, "data-body": JSON.stringify(body) }, text);
  return [
    one.acknowledged ? "" : command("Ack", "ack", { incident: one.incident }),
    command("Snooze 1 h", "snooze", { incident: one.incident, seconds: 3600 }),
    command("Silence rule 4 h", "silence",
      { seconds: 14400, rules: [one.rule], pairs: [one.pair], why: "from the page" }),
  ];
}

const figure = (one) => h("div", { class: "fact" },
  h("dt", {}, one.name),
  h("dd", {}, one.tone === "idle" ? h("b", { class: one.value === "n/a" ? "none" : "" }, one.value)
    : toned(one.tone, one.value, "b"),
  one.scale ? scale(one.scale, [-4 / 6, 4 / 6]) : "",
  one.value === "n/a" ? h("i", { class: "none" }, ` (${one.detail})`)
    : one.detail ? h("span", { class: "soft" }, one.detail) : ""));

function link(one) {
  const main = one.correlation;
  const [large, ...small] = one.pictures;
  const rows = one.correlations.map((each) => each.value === "n/a"
    ? [each.name, h("span", { class: "none" }, `n/a (${each.detail})`), "", "", ""]
    : [each.name, h("b", {}, each.value), scale(each.scale), each.detail, each.n]);
  return h("section", { class: "link", "data-key": one.id, "aria-label": one.name },
    h("h2", {}, one.name),
    h("div", { class: "split" },
      h("div", {},
        h("p", { class: "headline" }, h("span", { class: "soft" }, main.name), " ",
          h("b", { class: main.value === "n/a" ? "none" : "" }, main.value), " ", h("span", {}, main.detail && `(${main.detail})`)),
        h("dl", {}, one.facts.map(figure))),
      h("div", {}, picture(one, large), h("div", { class: "wide" },
        table(`Correlations of ${one.name}`, ["over", "value", "−1 to 1", "95 %", "n"], rows)))),
    h("div", { class: "columns" }, small.map((each) => picture(one, each))));
}

function picture(link, one) {
  const words = one.words.map((text) => h("p", { class: "soft" }, text));
  return h("figure", { "data-key": one.name },
    one.title || words.length ? h("figcaption", {}, one.title && h("h3", {}, one.title), words) : "",
    one.edition === null ? "" : drawing(link, one));
}

function drawing(link, one) {
  const at = (dark, narrow) =>
    `/${one.name}/${link.id}.svg?dark=${dark}&narrow=${narrow}&at=${one.edition}`;
  const [width, height] = one.wide;
  const source = (media, srcset, [w, t]) => h("source", { media, srcset, width: w, height: t });
  const dark = "(prefers-color-scheme: dark)";
  const narrow = "(max-width: 40rem)";
  return h("picture", {},
    source(`${dark} and ${narrow}`, at(1, 1), one.narrow), source(narrow, at(0, 1), one.narrow),
    source(dark, at(1, 0), one.wide), h("img", { src: at(0, 0), alt: one.alt, width, height }));
}

function silences() {
  if (!state.silences.length) return [];
  const ending = (one) => (stored("token") ? h("button", { type: "button", "data-command": "unsilence",
    "data-body": JSON.stringify({ id: one.id }) }, `End ${one.id}`) : "");
  return [h("h2", {}, "Silences"), h("div", { class: "wide" }, table("Silences",
    ["what", "until", "by", "why", ""],
    state.silences.map((one) => [one.what, one.until, one.who, one.why, ending(one)])))];
}

// -- all of it

function render() {
  document.title = state.title;
  fill("instance", state.instance === "comove" ? "" : state.instance);
  fill("now", state.now);
  fill("markets", state.markets.map((one) => h("li", {}, h("b", {}, one.instruments), ` ${one.text}`)));
  $("verdict").className = state.verdict.tone;
  fill("verdict", ...toned(state.verdict.tone, state.verdict.text).childNodes);
  fill("troubles", state.troubles.map((text) => toned("warn", text, "li")));
  fill("alerts", state.alerts.map(alert));
  fill("links", state.links.map(link));
  fill("context", state.context.length
    ? [h("h2", {}, "Context"), h("dl", {}, state.context.map(figure))] : "");
  const several = state.links.length > 1;
  fill("rules", table("Rules", ["rule", "state"], state.rules.map((one) =>
    [h("span", { title: one.title }, several ? `${one.rule} (${one.pair})` : one.rule),
      [toned(one.tone, one.state), one.why && h("span", { class: "soft" }, ` ${one.why}`)]])));
  fill("feeds", table("Feeds", ["instrument", "venue", "state", "age"], state.feeds.map((one) =>
    [one.instrument, one.used ? h("b", {}, `▶ ${one.venue}`, h("span", { class: "unseen" }, " in use")) : one.venue,
      [toned(one.tone, one.state), one.reason && h("span", { class: "soft" }, ` ${one.reason}`)], one.age])));
  fill("sinks", table("Sinks", ["sink", "state", "waiting", "delivered"], state.sinks.map((one) =>
    [one.name, toned(one.tone, one.state), String(one.waiting),
      one.losses ? `${one.delivered} (${one.losses})` : String(one.delivered)])));
  fill("silences", silences());
  fill("reload", state.reload ? [toned(state.reload.tone, state.reload.text),
    h("ul", {}, state.reload.lines.map((line) => h("li", {}, line)))] : "");
  fill("about", state.about);
  $("commanding").hidden = state.commands === "none";
  $("readonly").hidden = state.commands !== "none";
  $("token").hidden = Boolean(stored("token"));
  $("entered").hidden = !stored("token");
}

// Alerts, and only they, are read aloud.
function announce() {
  const now = new Map(state.alerts.map((one) => [one.incident, one.title]));
  if (firing !== null) {
    const news = [...now].filter(([id]) => !firing.has(id)).map(([, title]) => `Alert: ${title}.`);
    const over = [...firing].filter(([id]) => !now.has(id)).map(([, title]) => `Over: ${title}.`);
    if (news.length || over.length) $("announced").textContent = [...news, ...over].join(" ");
  }
  firing = now;
}

function take(event) {
  heard = Date.now();
  state = JSON.parse(event.data);
  if (edition && state.assets !== edition) return location.reload();
  edition = state.assets;
  announce();
  render();
  return watch();
}

function watch() {
  const age = Date.now() - heard;
  const lost = heard && age > STALE;
  $("lost").hidden = !lost;
  document.body.classList.toggle("stale", Boolean(lost));
  if (lost) $("lost").textContent = `✖ Connection lost ${Math.round(age / 1000)} s ago, trying again. What stands below is old.`;
  // A browser gives up where it is answered with an error.
  if (source.readyState === EventSource.CLOSED) listen();
}

function listen() {
  source = new EventSource("/events");
  source.onmessage = take;
}

// -- commands

async function command(button) {
  const headers = { authorization: `Bearer ${stored("token")}`, "x-comove-who": stored("who") };
  let said = "comove does not answer";
  let ok = false;
  try {
    const answer = await fetch(`/api/${button.dataset.command}`,
      { method: "POST", headers, body: button.dataset.body });
    const told = await answer.json();
    ok = answer.ok;
    said = ok ? told.said : told.error;
    if (answer.status === 401) forget();
  } catch { /* said already */ }
  $("said").className = `banner ${ok ? "good" : "bad"}`;
  $("said").textContent = `${SIGNS[ok ? "good" : "bad"]} ${said}`;
}

function forget() {
  sessionStorage.removeItem("token");
  if (state) render();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-command]");
  if (button) command(button);
});
$("token").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem("token", event.target.elements.token.value.trim());
  sessionStorage.setItem("who", event.target.elements.who.value.trim());
  event.target.elements.token.value = "";
  if (state) render();
});
$("forget").addEventListener("click", forget);

listen();
setInterval(watch, 1000);
