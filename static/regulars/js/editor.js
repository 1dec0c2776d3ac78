/* What htmx leaves to us: the token, saying aloud what changed, focus, and three small comforts. */
"use strict";

document.documentElement.classList.add("js");

/* The cookie's token, for the page's own is out of date once someone has signed in elsewhere. */
document.addEventListener("htmx:configRequest", (event) => {
    const field = document.querySelector("[name=csrfmiddlewaretoken]");
    const cookie = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
    const token = cookie ? cookie[1] : field && field.value;
    if (!token) return;
    event.detail.headers["X-CSRFToken"] = token;
    if (event.detail.parameters.csrfmiddlewaretoken) event.detail.parameters.csrfmiddlewaretoken = token;
});

/* A live region only speaks of what changes inside it, so it stands outside of what is swapped. */
const say = (text) => {
    const region = document.getElementById("said");
    if (!region) return;
    region.textContent = "";
    window.setTimeout(() => { region.textContent = text; }, 50);
};

document.addEventListener("htmx:afterSettle", (event) => {
    const place = event.detail.elt.isConnected ? event.detail.elt : document;
    const notes = [...place.querySelectorAll("[data-say]")].map((note) => note.textContent.trim());
    if (notes.length) say(notes.join(" "));
    const next = place.querySelector("[autofocus]");
    if (!next) return;
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
});

/* What went wrong is seen and heard, and what was typed stays where it is. */
const troubled = (kind) => {
    for (const note of document.querySelectorAll("[data-trouble]")) {
        note.hidden = note.dataset.trouble !== kind;
        if (note.hidden) continue;
        note.scrollIntoView({ block: "nearest" });
        say(note.textContent.trim());
    }
};

document.addEventListener("htmx:responseError", () => troubled("failed"));
document.addEventListener("htmx:sendError", () => troubled("failed"));
document.addEventListener("htmx:beforeRequest", () => troubled(""));

/* Whoever was signed out meanwhile is sent to the login page, which must not land in the editor. */
document.addEventListener("htmx:beforeSwap", (event) => {
    const [login] = document.querySelectorAll("[data-trouble=signed-out] a");
    const landed = new URL(event.detail.xhr.responseURL || "", window.location.href).pathname;
    if (!login || landed !== new URL(login.href).pathname) return;
    event.detail.shouldSwap = false;
    troubled("signed-out");
});

/* A choice that changes other choices presses the button that redraws them; with a pause, because
   a keyboard passes through other choices on its way. */
let pressing = 0;
document.addEventListener("change", (event) => {
    const name = event.target.dataset.press;
    window.clearTimeout(pressing);
    if (!name) return;
    pressing = window.setTimeout(() => {
        const button = document.getElementById(name);
        if (button) button.click(); // not requestSubmit: htmx learns of the button by its click
    }, 400);
});

/* What is sent is sent whole: no late redraw may follow it. */
document.addEventListener("submit", () => window.clearTimeout(pressing), true);

/* aria-disabled keeps a button in the tab order; this keeps it from doing anything. */
document.addEventListener("click", (event) => {
    const control = event.target.closest("button");
    if (!control) return;
    if (control.getAttribute("aria-disabled") === "true") event.preventDefault();
    if (control.dataset.insert) insert(control.dataset.insert);
}, true);

/* Whoever typed something and presses elsewhere is asked before it is lost. */
document.addEventListener("input", (event) => {
    const form = event.target.closest("#panel-form");
    if (form) form.dataset.changed = "yes";
});

document.addEventListener("htmx:confirm", (event) => {
    const form = document.querySelector("#panel-form[data-changed]");
    if (!form || form === event.detail.elt || form.contains(event.detail.elt) && event.detail.verb === "post") return;
    event.preventDefault();
    if (window.confirm(form.dataset.unsaved)) event.detail.issueRequest(true);
});

window.addEventListener("beforeunload", (event) => {
    if (document.querySelector("#panel-form[data-changed]")) event.preventDefault();
});

/* Shares are summed while they are typed. */
document.addEventListener("input", (event) => {
    const sum = document.getElementById(event.target.dataset.addsTo || "");
    if (!sum) return;
    const shares = [...document.querySelectorAll(`[data-adds-to="${sum.id}"]`)];
    const total = shares.reduce((before, share) => before + (parseInt(share.value, 10) || 0), 0);
    sum.querySelector("strong").textContent = total;
    sum.toggleAttribute("data-wrong", String(total) !== sum.dataset.is);
});

let typedIn = null;
document.addEventListener("focusin", (event) => {
    if (event.target.matches(".panel-form input[type=text], .panel-form textarea")) typedIn = event.target;
});

const insert = (text) => {
    const field = typedIn && typedIn.isConnected ? typedIn : document.querySelector(".panel-form textarea");
    if (!field) return;
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    field.focus();
};

document.addEventListener("keydown", (event) => {
    const isTyping = event.target.matches("input, textarea, select");
    const close = event.key === "Escape" && !isTyping && document.getElementById("panel-close");
    if (close) close.click();
});

document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
});
