// Elements without a framework: what is text stays text.
const SVG = "http://www.w3.org/2000/svg";

/** `h("button", { class: "big", onclick: f, "aria-label": "x" }, "Text", child)`. */
export function h(tag, props = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(props)) {
        if (value === undefined || value === null || value === false) continue;
        if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
        else element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
    return element;
}

const PATHS = {
    back: "M15 5l-7 7 7 7",
    search: "M11 4a7 7 0 1 1 0 14 7 7 0 0 1 0-14M16 16l5 5",
    recent: "M12 3a9 9 0 1 1-8.5 6M3 4v5h5M12 7.5V12l3 2",
    settings: "M4 7h9M19 7h1M4 17h1M11 17h9M16 4.5v5M8 14.5v5",
    check: "M4.5 12.5l5 5L19.5 7",
    alert: "M12 4l9 16H3zM12 10v4M12 17v.5",
    undo: "M8 5L4 9l4 4M4 9h10a6 6 0 0 1 0 12h-3",
    keys: "M9 4L7 20M17 4l-2 16M4 9h17M3 15h17",
    gift: "M4 11h16v9H4zM3 7h18v4H3zM12 7v13M12 7C9 7 7 6 7 4.500S9.500 2.500 12 7c2.500-4.500 5-4.500 5-2.500S15 7 12 7",
    cloud: "M7 18a4.500 4.500 0 0 1-.5-9A6 6 0 0 1 18 8.500a4.500 4.500 0 0 1-.5 9.500zM3 3l18 18",
    card: "M3 6h18v12H3zM3 10h18M6 14.500h4",
    erase: "M9 6h11v12H9l-6-6zM12.500 9.500l5 5M17.500 9.500l-5 5",
    camera: "M4 8h3l2-3h6l2 3h3v11H4zM12 10a3.500 3.500 0 1 1 0 7 3.500 3.500 0 0 1 0-7",
};

export function icon(name) {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", PATHS[name]);
    svg.append(path);
    return svg;
}

export const button = (label, onclick, { kind = "", sign = null, ...more } = {}) =>
    h("button", { type: "button", class: `button ${kind}`, onclick, ...more }, sign && icon(sign), h("span", {}, label));

/** The bar on top: where one is, and the way back. */
export function bar(title, back, label) {
    return h(
        "header", { class: "bar" },
        h("button", { type: "button", class: "round", "aria-label": label, onclick: back }, icon("back")),
        h("h1", { tabindex: "-1" }, title),
    );
}

let fading = 0;

/** A word at the bottom of the screen that goes by itself; read aloud too. */
export function toast(text, kind = "") {
    const place = document.getElementById("toast");
    clearTimeout(fading);
    place.className = `is-shown ${kind}`;
    place.textContent = text;
    fading = setTimeout(() => { place.className = ""; place.textContent = ""; }, 5000);
}
