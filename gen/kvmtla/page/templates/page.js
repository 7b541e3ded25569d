"use strict";
(() => {
  const D = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);

  // An element; text goes in as text and never as markup, since it is a specification's.
  const el = (tag, cls, ...kids) => {
    const e = document.createElement(tag);
    if (cls) e.className = cls;
    e.append(...kids.filter((k) => k !== null && k !== undefined));
    return e;
  };
  const titled = (e, title) => { e.title = title; return e; };

  // ---- What the data says -------------------------------------------------------------------

  let slots = 0;
  D.places.forEach((p) => { p.at = slots; slots += p.slots.length; });
  const word = (state, slot) => D.words[D.states[state].values[slot]];
  const differs = (a, b, slot) => D.states[a].values[slot] !== D.states[b].values[slot];
  const changed = (a, b) =>
    D.places.filter((p) => p.slots.some((_, i) => differs(a, b, p.at + i)));
  const whole = (p) => p.slots.length === 1 && !p.slots[0].label;
  const isZero = (state, p) => p.kind === "word" && p.slots.every((_, i) => word(state, p.at + i) === "0");
  const said = (state, p, only) => {
    if (whole(p)) return word(state, p.at);
    const parts = [];
    if (!only && isZero(state, p)) return "0";
    p.slots.forEach((s, i) => { if (only ? only(i) : !s.idle) parts.push(`${s.label}=${word(state, p.at + i)}`); });
    return parts.join(" ");
  };
  const linesOf = (numbers) => numbers.map((n) => D.lines[n]);
  // Whether a step is in another run of its operation than the one before it (as Step.opens has it).
  const opening = (before, step) =>
    !before || before.operation !== step.operation || step.begins || before.enters;
  const good = (state) => !D.states[state].invariants.includes("0");

  // Along the counterexample, the lines of a step say what it has to do with others, too.
  const isTold = (way, n) => way.choices.slice(0, n).every((c, i) => c === D.path[i]) && n <= D.told.length;

  // What a path of choices leads through: the states, and the step before each but the first.
  const follow = (choices) => {
    const way = { choices: [], states: [0], steps: [null] };
    for (const c of choices) {
      const next = D.states[way.states[way.states.length - 1]].next;
      if (!next || !next[c]) break;
      way.choices.push(c);
      way.states.push(next[c][0]);
      way.steps.push(D.steps[next[c][1]]);
    }
    way.lines = way.steps.map((step, n) => linesOf(!step ? [] : isTold(way, n) ? D.told[n - 1] : step.lines));
    return way;
  };

  const links = (n) => way.lines[n].filter((l) => l.kind === "undoes" || l.kind === "found");
  const undoers = () => new Set(way.lines.flatMap((ls, n) => (ls.some((l) => l.kind === "undoes") ? [n] : [])));

  // ---- Where the reader is ------------------------------------------------------------------

  const original = follow(D.path);
  let way = original;
  let own = null;          // the reader's path, also while the counterexample is shown
  let at = 0;
  let timer = null;
  let hits = [];
  let rows = [];

  const isOriginal = () => way === original;
  const end = () => way.states.length - 1;
  // Whether it goes on for ever, and whether by steps that repeat, or by nothing happening.
  const forEver = () => isOriginal() && D.loop !== null;
  const round = () => forEver() && D.loop < end();
  // The number of the step that follows the step `n`, 0 for none.
  const after = (n) => (n < end() ? n + 1 : round() ? D.loop + 1 : 0);
  const parting = () => {
    let i = 0;
    while (i < way.choices.length && way.choices[i] === original.choices[i]) i++;
    return i;
  };

  // ---- The lanes ------------------------------------------------------------------------------

  const dots = (state) => {
    const all = el("span", "dots");
    D.invariants.forEach((v, i) => {
      const holds = D.states[state].invariants[i] === "1";
      const asked = v.name === D.property;
      const dot = titled(el("span", holds ? "dot" : asked ? "dot off" : "dot off beside"),
        `${v.name}: ${holds ? "true" : asked ? "FALSE" : "false, which this claim is not about"}`);
      dot.setAttribute("role", "img");
      dot.setAttribute("aria-label", dot.title);
      all.append(dot, " ");
    });
    return all;
  };

  // What comes before the value that is new in a line.
  const head = (l) => l.text.slice(0, l.text.length - l.mark.length);
  const change = (l, cls) => el("div", cls, head(l), el("mark", "", l.mark));
  const changes = (lines, more) => lines.filter((l) => l.kind === "change" || (more && l.kind === "own"));

  const stepLink = (n) => {
    const a = el("a", "", `step ${n}`);
    a.href = link(n);
    a.addEventListener("click", (e) => { e.preventDefault(); e.stopPropagation(); go(n); });
    return a;
  };

  // A sentence, with a link for each step that it names.
  const linkText = (l, cls) => {
    const parts = l.text.split(/(\bstep \d+)/).map((part) => {
      const n = /^step (\d+)$/.exec(part);
      return n && Number(n[1]) < way.states.length ? stepLink(Number(n[1])) : part;
    });
    return el("div", `${cls} ${l.kind}`, ...parts);
  };

  // How the lines of a step look, by their kind; others are not shown.
  const looks = {
    access: "text", hardware: "text", choice: "text", lock: "text note", unlock: "text note", done: "text note",
    value: "more note", decision: "more note", operands: "more note", operation: "op",
  };
  const line = (l) => {
    if (l.minor) return null;
    if (l.kind === "change") return change(l, "more");
    if (l.kind === "undoes" || l.kind === "found") return linkText(l, "more");
    return l.kind in looks ? el("div", looks[l.kind], l.text) : null;
  };
  const told = (n, opens, wanted = () => true) => {
    const all = way.lines[n].filter((l, i) => (l.kind !== "operation" || opens || i > 0) && wanted(l));
    const box = el("div", way.steps[n].hardware ? "hw" : "", ...all.map(line));
    if (!box.querySelector(".text, .note")) box.prepend(el("div", "text", way.steps[n].text));
    return box;
  };

  const lanesShown = () => {
    const acting = new Set(way.steps.slice(1).map((s) => s.lane));
    const all = [...D.lanes, ...D.actors.filter((a) => !D.lanes.includes(a))];
    return all.filter((a) => acting.has(a) || $("idle").checked);
  };

  const number = (n) => {
    const a = el("a", "", String(n));
    a.href = link(n);
    a.setAttribute("aria-label", n ? `Step ${n}` : "First state");
    return a;
  };

  const drawLanes = () => {
    const lanes = lanesShown();
    const rule = (...what) => {
      const cell = el("td", "", ...what);
      cell.colSpan = lanes.length + 2;
      return el("tr", "round", cell);
    };
    const head = el("tr", "", el("th", "num", "#"), ...lanes.map((l) => el("th", "lane", l)),
      titled(el("th", "lit", ""), "invariants"));
    head.querySelectorAll("th").forEach((th) => { th.scope = "col"; });
    head.lastChild.append(el("span", "sr", "invariants"));
    const body = el("tbody");
    const parted = isOriginal() ? -1 : parting();
    const last = {};
    const undoing = undoers();
    rows = way.states.map((state, n) => {
      const step = way.steps[n];
      if (round() && n === D.loop + 1) body.append(rule(D.again));
      const row = el("tr", parted >= 0 && n === parted + 1 ? "part" : "");
      row.classList.toggle("loop", round() && n > D.loop);
      const num = el("th", "num", number(n));
      num.scope = "row";
      row.append(num);
      if (!step) {
        const first = el("td", "lane who dim", D.first_words.length ? `At first, ${D.first_words.join("; ")}.` : "At first.");
        first.colSpan = Math.max(1, lanes.length);
        row.append(first);
      } else {
        const opens = opening(last[step.actor], step);
        last[step.actor] = step;
        for (const lane of lanes) {
          const cell = el("td", lane === step.lane ? "lane who" : "lane");
          if (lane === step.lane) {
            cell.append(el("div", "lanename", step.actor), told(n, opens, (l) => l.kind !== "found" || undoing.has(l.steps[0])));
          }
          row.append(cell);
        }
      }
      row.append(el("td", "lit", dots(state)));
      row.addEventListener("click", (e) => {
        if (!e.target.closest("a") && !String(getSelection())) go(n);
      });
      num.firstChild.addEventListener("click", (e) => { e.preventDefault(); go(n); });
      body.append(row);
      return row;
    });
    const table = el("table", "", el("caption", "sr", "Steps by actor, time going down"), el("thead", "", head), body);
    if (round()) body.append(rule("and again from ", stepLink(D.loop + 1)));
    else if (forEver()) body.append(rule(D.again));
    $("lanes").replaceChildren(table, ...why(end()));
    filter();
  };

  // Why a property is false in a state: its name, then what is so and what should be.
  const reason = (state, name) => {
    const n = D.states[state].why;
    const lines = n < 0 ? [] : D.reasons[n];
    const begin = lines.findIndex((l) => l.startsWith(`${name} is `));
    const next = lines.findIndex((l, i) => i > begin && !l.startsWith(" "));
    return begin < 0 ? [] : lines.slice(begin, next < 0 ? undefined : next);
  };
  // Why the property is false after the step `at`, or what is wrong with the whole.
  const why = (at) => {
    const found = reason(way.states[at], D.property);
    const lines = found.length || !isOriginal() || at !== end() ? found : D.failure;
    return lines.length ? [el("div", "why", ...lines.map((l) => el("div", l.startsWith(" ") ? "" : "bad", l)))] : [];
  };

  // ---- Filters and search -----------------------------------------------------------------------

  const touches = (n, wanted) => {
    const [p, slot] = wanted.split(".").map(Number);
    const place = D.places[p];
    const [a, b] = [way.states[n - 1], way.states[n]];
    if (Number.isInteger(slot)) return differs(a, b, place.at + slot);
    if (place.slots.some((_, i) => differs(a, b, place.at + i))) return true;
    return way.lines[n].some((l) => l.kind in looks && l.text.includes(place.name));
  };
  const isShown = (n) => {
    if (n === 0) return true;
    const step = way.steps[n];
    if ($("actor").value && step.lane !== $("actor").value) return false;
    return !$("field").value || touches(n, $("field").value);
  };
  const filter = () => {
    rows.forEach((row, n) => { row.hidden = !isShown(n); });
    search();
  };
  const search = () => {
    const wanted = $("search").value.trim().toLowerCase();
    hits = [];
    rows.forEach((row, n) => {
      const hit = wanted !== "" && !row.hidden &&
        `${n ? way.steps[n].actor : ""} ${row.textContent}`.toLowerCase().includes(wanted);
      row.classList.toggle("hit", hit);
      if (hit) hits.push(n);
    });
    $("found").textContent = wanted ? `${hits.length} found` : "";
  };
  const hop = (by) => {
    if (!hits.length) return;
    const later = by > 0 ? hits.find((n) => n > at) : hits.findLast((n) => n < at);
    go(later ?? (by > 0 ? hits[0] : hits[hits.length - 1]));
  };

  // ---- The step and its state ---------------------------------------------------------------------

  const spotsOf = (step) => step.spots.map((n) => D.spots[n]);
  const drawStep = () => {
    const step = way.steps[at];
    if (!step) {
      $("step").replaceChildren(el("h2", "", "The first state"),
        el("p", "", D.first_words.length ? `${D.first_words.join("; ")}.` : "Everything as it always is at first."),
        el("p", "dim", "Right or j: one step on.  ?: all keys."), ...short(), ...why(end()));
      return;
    }
    const [spot] = spotsOf(step);
    const path = way.lines[at].find((l) => l.kind === "path");
    $("step").replaceChildren(
      el("h2", "", `Step ${at} of ${end()}: ${step.actor}`),
      el("p", "mono path", path.text),
      told(at, false),
      el("p", "mono dim", [spotsOf(step).map((s) => s.kernel).find(Boolean), `${spot.file}:${spot.line}`].filter(Boolean).join("   ")),
      ...(at === end() && forEver() ? [el("p", "", D.again)] : []),
      ...why(at), ...(at === end() ? short() : []));
  };

  const short = () => {
    if (!isOriginal() || !D.short.length) return [];
    const list = el("ol", "digest");
    for (const [n, numbers] of D.short) {
      const step = way.steps[n];
      const item = el("li", n === at ? "here" : "", number(n), el("div", "", el("b", "t", step.actor), " ", el("span", "mono", step.text),
        ...linesOf(numbers).map(line)));
      item.firstChild.addEventListener("click", (e) => { e.preventDefault(); go(n); });
      list.append(item);
    }
    return [el("h2", "", "In short"), list];
  };

  const register = (p, state, before) => {
    const fields = p.slots.map((s, i) => ({ ...s, i })).filter((s) => s.bit !== null)
      .sort((a, b) => b.bit - a.bit);
    const bits = el("div", "bits");
    let value = 0n;
    let high = D.word_bits - 1;
    const gap = (top, low) => {
      if (top >= low) bits.append(el("span", "gap", el("span", "pos", top === low ? `${top}` : `${top}..${low}`)));
    };
    const box = (pos, s) => {
      const now = word(state, p.at + s.i);
      const moved = differs(before, state, p.at + s.i);
      const b = el("span", `bit${now !== "0" ? " on" : ""}${moved ? " changed" : ""}${s.idle ? " idle" : ""}`, el("span", "pos", pos), s.label,
        el("b", "", moved ? `${word(before, p.at + s.i)}\u2192${now}` : now));
      return titled(b, `bit ${pos}: ${s.label}${s.idle ? ", which nothing here sets" : ""}`);
    };
    for (const s of fields) {
      gap(high, s.bit + 1);
      if (word(state, p.at + s.i) === "1") value |= 1n << BigInt(s.bit);
      bits.append(box(String(s.bit), s));
      high = s.bit - 1;
    }
    gap(high, 0);
    p.slots.forEach((s, i) => { if (s.bit === null) bits.append(box("-", { ...s, i })); });
    bits.setAttribute("role", "img");
    bits.setAttribute("aria-label", `${p.name}: ${said(state, p)}`);
    const hex = value.toString(16).padStart(Math.ceil(D.word_bits / 4), "0");
    const line = el("div", "mono", el("b", "t", p.name), " ",
      titled(el("span", "dim", `0x${hex}${D.word_format ? `  ${D.word_format}` : ""}`), "of the bits that are modelled"));
    return el("div", "reg", line, bits);
  };

  const value = (p, state, before) => {
    const cell = el("td");
    if (isZero(state, p) && isZero(before, p)) return el("td", "", "0");
    p.slots.forEach((s, i) => {
      if (s.idle) return;
      const name = s.label ? `${s.label}=` : "";
      if (cell.hasChildNodes()) cell.append(" ");
      if (differs(before, state, p.at + i)) {
        const moved = `${name}${word(before, p.at + i)}\u2192${word(state, p.at + i)}`;
        cell.append(el("mark", moved.length < 16 ? "t short" : "t", moved));
      } else cell.append(el("span", "t", `${name}${word(state, p.at + i)}`));
    });
    return cell;
  };

  // Places that no step here changes: worth a look, but in nobody's way.
  const still = new Set(D.places.filter((p) => p.kind !== "word" && p.kind !== "at" &&
    p.slots.every((_, i) => D.states.every((s) => s.values[p.at + i] === D.states[0].values[p.at + i]))));
  const few = 6;
  let opened = false;

  const ASIDE = "what no step here changes";
  const rests = (where) => where === "idle" || where === "done";
  // Whether words would have to be broken in a column of the usual width.
  const isBroad = (table) => {
    const longest = (cells) => Math.max(0, ...[...table.querySelectorAll(cells)].map((c) =>
      Math.max(...c.textContent.split(/\s+/).map((w) => w.length))));
    return longest("th") + longest("td") > 26;
  };

  const drawState = () => {
    const state = way.states[at];
    const before = way.states[Math.max(0, at - 1)];
    const registers = D.places.filter((p) => p.kind === "word" && !p.actor);
    const groups = new Map();
    const resting = new Set(D.places.filter((p) => p.kind === "at" && rests(word(state, p.at))).map((p) => p.actor));
    for (const p of D.places) {
      // The variables of an actor that does nothing say nothing.
      if (registers.includes(p) || (p.actor && p.kind !== "at" && resting.has(p.actor))) continue;
      const aside = !p.actor && still.has(p) && still.size > few;
      const key = aside ? ASIDE : p.kind === "at" ? "actors" : p.actor ? `variables of ${p.actor}` : p.group;
      const rank = aside ? 3 : p.kind === "at" ? 1 : p.actor ? 2 : 0;
      if (!groups.has(key)) groups.set(key, { key, rank, places: [] });
      groups.get(key).places.push(p);
    }
    const drawn = [...groups.values()].sort((a, b) => a.rank - b.rank).map(({ key, places }) => {
      const table = el("table", "", ...places.map((p) => {
        const where = p.kind === "at";
        const th = el("th", "", where ? p.actor : key === ASIDE ? p.name : p.label);
        th.scope = "row";
        const moved = where && differs(before, state, p.at);
        const cell = where ? el("td", "", el(moved ? "mark" : "span", "t", word(state, p.at))) : value(p, state, before);
        return el("tr", "", th, cell);
      }));
      if (key !== ASIDE) return el("div", key === "actors" || isBroad(table) ? "broad" : "", el("h3", "", key), table);
      const more = el("details", "broad", el("summary", "", `${key} (${places.length})`), table);
      more.open = opened;
      more.addEventListener("toggle", () => { opened = more.open; });
      return more;
    });
    const lights = el("div", "lights");
    D.invariants.forEach((v, i) => {
      const holds = D.states[state].invariants[i] === "1";
      // What is not in question may be false as well, and is none of the reader's business at first.
      const asked = v.name === D.property;
      const looks = holds ? "" : asked ? "bad" : "dim";
      lights.append(el("span", `mono ${holds ? "good" : looks}`, holds ? "true" : asked ? "FALSE" : "false"),
        el("div", "", el("p", "", el("code", looks, v.name), ` ${v.doc}`),
          asked || holds ? null : el("div", "reason dim", ...reason(state, v.name).map((l) => el("div", "", l)),
            el("p", "", "This claim is not about it."))));
    });
    D.spans.forEach((v, i) => {
      if (D.states[state].spans[i] !== "1") return;
      lights.append(el("span", "dim mono", "now"), el("p", "dim", v.doc, v.of ? ` (${v.of})` : ""));
    });
    $("state").replaceChildren(el("h2", "", at ? "State after it" : "State"),
      ...registers.map((p) => register(p, state, before)), el("div", "groups", ...drawn),
      ...(lights.hasChildNodes() ? [el("h2", "", "Invariants"), lights] : []));
  };

  // ---- The specification ------------------------------------------------------------------------------

  const TOKEN = /("""[\s\S]*?(?:"""|$)|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|#[^\n]*)|\b(def|class|return|if|elif|else|for|in|while|with|and|or|not|True|False|None|import|from|lambda|break|continue|pass)\b|(@\w+)/g;
  const coloured = (excerpt, marked) => {
    const lines = [];
    let line;
    const open = () => {
      const n = excerpt.first + lines.length;
      line = el("span", marked.has(n) ? "l at" : "l", el("span", "n", String(n)));
      lines.push(line);
    };
    const put = (part, cls) => part.split("\n").forEach((piece, i) => {
      if (i) open();
      if (piece) line.append(cls ? el("span", cls, piece) : piece);
    });
    open();
    const all = excerpt.lines.join("\n");
    let end = 0;
    for (const m of all.matchAll(TOKEN)) {
      put(all.slice(end, m.index));
      put(m[0], m[1] ? "s" : "k");
      end = m.index + m[0].length;
    }
    put(all.slice(end));
    return el("pre", "", ...lines);
  };
  const drawSource = () => {
    const step = way.steps[at];
    if (!step) { $("source").replaceChildren(); return; }
    const spots = spotsOf(step);
    const shown = new Map();
    for (const s of spots) {
      if (s.excerpt < 0) continue;
      if (!shown.has(s.excerpt)) shown.set(s.excerpt, { lines: new Set(), kernel: new Set() });
      shown.get(s.excerpt).lines.add(s.line);
      if (s.kernel) shown.get(s.excerpt).kernel.add(s.kernel);
    }
    const boxes = [...shown].map(([n, { lines, kernel }]) => {
      const e = D.excerpts[n];
      return el("div", "src", el("h3", "mono", `${e.file}:${[...lines].sort((a, b) => a - b).join(", ")}   ${[...kernel].join(" ")}`),
        coloured(e, lines));
    });
    const fallback = shown.size ? [] : [el("p", "mono dim", spots.map((s) => `${s.file}:${s.line}`).join(" "))];
    $("source").replaceChildren(el("h2", "", "In the specification"), ...boxes, ...fallback);
    for (const box of boxes) box.tabIndex = 0;
  };

  // ---- Other steps ---------------------------------------------------------------------------------------

  // Which of the possible steps is taken here.
  const chosen = () => (after(at) ? way.choices[after(at) - 1] : undefined);
  const again = (choices) => `${D.command} --path ${choices.join(",")}`;
  const drawNext = () => {
    const state = way.states[at];
    const next = D.states[state].next;
    if (!next) {
      $("next").replaceChildren(el("h2", "", "Possible here"),
        el("p", "", "The part of the state graph that this page holds ends here. What follows is told by"),
        el("code", "command", again(way.choices.slice(0, at))));
      return;
    }
    const list = el("ol");
    const taken = chosen();
    const known = (n, more) => changes(linesOf(D.steps[n].lines), more);
    const same = next.map(([, n]) => JSON.stringify([D.steps[n].actor, D.steps[n].text, known(n)]));
    next.forEach(([to, n], i) => {
      const step = D.steps[n];
      // Where two look alike, what tells them apart is what the actor keeps to itself.
      const alike = same.filter((s) => s === same[i]).length > 1;
      const button = el("button", "", el("span", "key", i < 9 ? String(i + 1) : ""),
        el("span", "", el("b", "t", step.actor), ` ${step.text}`,
          ...known(n, alike).map((l) => change(l, "note")),
          lost(to) && lost(to) !== lost(state) ? el("div", "bad", `${lost(to)} then`) : null));
      button.type = "button";
      button.addEventListener("click", () => take(i));
      const item = el("li", i === taken ? "taken" : "", button);
      if (i === taken) button.setAttribute("aria-current", "true");
      list.append(item);
    });
    const count = next.length === 1 ? "one step" : `${next.length} steps`;
    const heading = next.length ? `Possible here: ${count}` : "No step is possible here";
    $("next").replaceChildren(el("h2", "", heading), list,
      ...(D.complete ? [] : [el("p", "dim", `This page holds ${D.states.length} states around the counterexample.`)]));
  };
  const lost = (state) => {
    const names = D.invariants.filter((_, i) => D.states[state].invariants[i] === "0").map((v) => v.name);
    return names.length ? `${names.join(" and ")} ${names.length > 1 ? "are" : "is"} false` : "";
  };

  const drawCompare = () => {
    const parted = parting();
    $("compare").hidden = isOriginal() || at <= parted;
    if ($("compare").hidden) return;
    const n = Math.min(at, original.states.length - 1);
    const [here, there] = [way.states[at], original.states[n]];
    const theirs = original.steps[n];
    const rowsOf = changed(here, there).filter((p) => p.kind !== "at").map((p) => {
      const only = (i) => differs(here, there, p.at + i);
      const th = el("th", "", p.name);
      th.scope = "row";
      return el("tr", "", th, el("td", "", said(here, p, only)), el("td", "", said(there, p, only)));
    });
    const head = el("tr", "", el("th", "", el("span", "sr", "what")), el("th", "", "your path"), el("th", "", "counterexample"));
    $("compare").replaceChildren(el("h2", "", `Compared with step ${n} of the counterexample`),
      el("p", "", el("span", "dim", "There: "), theirs ? el("span", "mono", `${theirs.actor}: ${theirs.text}`) : "the first state"),
      rowsOf.length ? el("table", "", el("thead", "", head), el("tbody", "", ...rowsOf)) : el("p", "dim", "No difference but where the actors are."));
  };

  // ---- Moving ----------------------------------------------------------------------------------------------

  const link = (n) => `#step=${n}${isOriginal() ? "" : `&path=${way.choices.join(",")}`}`;

  const wide = matchMedia("(min-width: 1051px)");
  const go = (n, quiet) => {
    at = Math.max(0, Math.min(n, end()));
    rows.forEach((row, i) => {
      row.classList.toggle("here", i === at);
      if (i === at) row.setAttribute("aria-current", "step"); else row.removeAttribute("aria-current");
      row.classList.toggle("undone", links(at).some((l) => l.kind === "undoes" && l.steps[0] === i));
      row.classList.toggle("linked", links(at).some((l) => l.steps.includes(i)));
    });
    // What is drawn anew takes the keyboard with it, where that was in it.
    const held = document.activeElement && document.activeElement.closest("#step, #next");
    drawStep();
    drawState();
    drawCompare();
    drawSource();
    drawNext();
    if (held && !held.contains(document.activeElement)) held.focus({ preventScroll: true });
    $("slider").value = String(at);
    $("slider").setAttribute("aria-valuetext", `step ${at} of ${end()}`);
    $("count").textContent = `${at}/${end()}`;
    $("first").disabled = $("back").disabled = at === 0;
    $("last").disabled = at === end();
    $("on").disabled = !after(at);
    if (wide.matches) {
      rows[at].scrollIntoView({ block: "nearest" });
      if (at === end() && $("lanes").lastChild.className === "why") $("lanes").lastChild.scrollIntoView({ block: "nearest" });
    }
    history.replaceState(null, "", link(at));
    if (!quiet) $("live").textContent = spoken();
  };
  const spoken = () => {
    const step = way.steps[at];
    if (!step) return "The first state.";
    const moved = changes(way.lines[at]).map((l) => `${head(l).replace(": ", " ").replace(/ -> $/, " becomes ")}${l.mark}`);
    const off = good(way.states[at]) ? [] : [lost(way.states[at])];
    const on = at === end() && forEver() ? [D.again] : [];
    const linked = links(at).map((l) => l.text);
    return [`Step ${at} of ${end()}`, step.actor, step.text, ...moved, ...linked, ...off, ...on].join(". ");
  };
  const move = (by) => {
    if (by > 0 && at === end() && after(at)) { go(after(at)); return; }
    let n = at + by;
    while (n > 0 && n < end() && !isShown(n)) n += by;
    go(isShown(Math.max(0, Math.min(n, end()))) ? n : at);
  };

  // Shows another path, and the step `n` of it.
  const show = (choices, n, quiet) => {
    const asked = follow(choices);
    // What is only the beginning of the counterexample is shown as all of it.
    const same = asked.choices.every((c, i) => c === original.choices[i]);
    way = same ? original : asked;
    if (!same) own = way;
    $("slider").max = String(end());
    $("own").hidden = same && !own;
    $("drop").hidden = same;
    $("owntext").textContent = same
      ? "The counterexample. You also have a path of your own: "
      : `Your own path, of ${way.choices.length} steps; it parts from the counterexample after step ${parting()}. `;
    $("original").textContent = same ? "back to your own path" : "back to the counterexample";
    $("command").textContent = same && !D.own ? D.command : again(way.choices);
    drawLanes();
    go(n, quiet);
  };
  const take = (i) => {
    const next = D.states[way.states[at]].next;
    if (!next || !next[i]) return;
    stop();
    if (chosen() === i) go(after(at));
    else show([...way.choices.slice(0, at), i], at + 1);
  };
  const drop = () => {
    if (!isOriginal()) show(way.choices.slice(0, -1), way.choices.length - 1);
  };
  const swap = () => {
    if (isOriginal()) { if (own) show(own.choices, own.states.length - 1); }
    else show(original.choices, Math.min(at, parting()));
  };

  const stop = () => {
    clearInterval(timer);
    timer = null;
    $("play").textContent = "play";
    $("play").setAttribute("aria-pressed", "false");
  };
  const play = () => {
    if (timer !== null) { stop(); return; }
    if (!after(at)) go(0);
    $("play").textContent = "stop";
    $("play").setAttribute("aria-pressed", "true");
    timer = setInterval(() => {
      const before = at;
      move(1);
      if (at === before || !after(at)) stop();
    }, 1000);
  };

  const theme = () => {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    try { localStorage.setItem("kvmtla-theme", root.dataset.theme); } catch { /* not allowed for files */ }
  };
  const idle = () => { drawLanes(); go(at, true); };

  const read = () => {
    const asked = new URLSearchParams(location.hash.slice(1));
    const choices = asked.has("path") ? asked.get("path").split(",").filter((c) => c !== "").map(Number) : D.path;
    const n = parseInt(asked.get("step") ?? "0", 10);
    show(choices, Number.isFinite(n) ? n : 0, true);
  };

  // ---- Controls ------------------------------------------------------------------------------------------------

  const control = (id, what) => $(id).addEventListener("click", what);
  control("first", () => go(0));
  control("back", () => move(-1));
  control("on", () => move(1));
  control("last", () => go(end()));
  control("play", play);
  control("theme", theme);
  control("keys", () => $("help").showModal());
  control("drop", drop);
  control("original", swap);
  $("slider").addEventListener("input", () => go(Number($("slider").value)));
  $("actor").addEventListener("change", filter);
  $("field").addEventListener("change", filter);
  $("idle").addEventListener("change", idle);
  $("search").addEventListener("input", () => { search(); if (hits.length && !hits.includes(at)) hop(1); });
  $("search").addEventListener("keydown", (e) => {
    if (e.key === "Enter") { e.preventDefault(); hop(e.shiftKey ? -1 : 1); }
    if (e.key === "Escape") { e.preventDefault(); $("search").value = ""; search(); $("search").blur(); }
  });

  const keys = {
    ArrowRight: () => move(1), ArrowDown: () => move(1), j: () => move(1),
    ArrowLeft: () => move(-1), ArrowUp: () => move(-1), k: () => move(-1),
    Home: () => go(0), End: () => go(end()),
    " ": play, o: swap, Backspace: drop, t: theme,
    n: () => hop(1), N: () => hop(-1),
    "/": () => { $("search").focus(); $("search").select(); },
    "?": () => $("help").showModal(),
    i: () => { $("idle").checked = !$("idle").checked; idle(); },
  };
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || $("help").open) return;
    const on = e.target instanceof Element ? e.target : document.body;
    if (on.closest("input:not([type=checkbox]), select, textarea")) return;
    // What a control makes of a key itself stays its own.
    if ((e.key === " " || e.key === "Enter") && on.closest("button, summary, a, input")) return;
    const what = /^[1-9]$/.test(e.key) ? () => take(Number(e.key) - 1) : keys[e.key];
    if (!what) return;
    e.preventDefault();
    if (e.key !== " ") stop();
    what();
  });
  addEventListener("hashchange", read);

  try {
    const kept = localStorage.getItem("kvmtla-theme");
    if (kept) document.documentElement.dataset.theme = kept;
  } catch { /* not allowed for files */ }
  for (const a of D.actors) $("actor").append(new Option(a, a));
  D.places.forEach((p, i) => {
    if (p.actor) return;
    $("field").append(new Option(p.name, String(i)));
    if (!whole(p)) p.slots.forEach((s, j) => $("field").append(new Option(`${p.name}.${s.label}`, `${i}.${j}`)));
  });
  if (matchMedia("(max-width: 1050px)").matches) $("about").open = false;
  addEventListener("beforeprint", () => { $("about").open = true; });
  $("bar").hidden = $("main").hidden = false;
  new ResizeObserver(() => {
    // Everything below sticks to the lower edge of the bar, however many lines it has.
    document.documentElement.style.setProperty("--bar", `${$("bar").offsetHeight}px`);
  }).observe($("bar"));
  read();
})();
