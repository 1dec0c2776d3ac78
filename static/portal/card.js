/* Keeps a card's page up to date, shows its code large, and makes it an app. */

const OFTEN = 3000;
const SELDOM = 15000;
const PATIENCE = 120000;

let changedAt = Date.now();

function live() {
  return document.getElementById("live");
}

async function look() {
  const shown = live();
  if (!shown || document.hidden) return;
  const answer = await fetch(`${shown.dataset.address}?seen=${shown.dataset.version}`, { cache: "no-store" });
  document.getElementById("offline").hidden = true;
  if (answer.status === 404) {
    window.location.reload();
  } else if (answer.status === 200) {
    const next = document.createElement("template");
    next.innerHTML = await answer.text();
    shown.replaceWith(next.content.querySelector("#live"));
    changedAt = Date.now();
  }
}

function lookAgain() {
  const pause = Date.now() - changedAt < PATIENCE ? OFTEN : SELDOM;
  window.setTimeout(() => {
    look()
      .catch(() => {
        document.getElementById("offline").hidden = false;
      })
      .finally(lookAgain);
  }, pause);
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) {
    changedAt = Date.now();
    look().catch(() => {});
  }
});

/* --- The code, large, on a screen that stays awake --- */

const large = document.getElementById("large");
let awake = null;

document.addEventListener("click", (event) => {
  if (event.target.closest(".enlarge")) {
    large.showModal();
    if (navigator.wakeLock) {
      navigator.wakeLock.request("screen").then(
        (lock) => {
          awake = lock;
        },
        () => {},
      );
    }
  } else if (event.target === large) {
    large.close();
  }
});

large.addEventListener("close", () => {
  if (awake) awake.release();
  awake = null;
});

/* --- For friends --- */

const share = document.getElementById("share");

async function handOn() {
  const { link, address, done } = share.dataset;
  if (navigator.share) {
    await navigator.share({ url: link });
  } else {
    await navigator.clipboard.writeText(link);
    share.textContent = done;
  }
  const form = document.getElementById("device");
  await fetch(address, { method: "POST", body: new URLSearchParams(new FormData(form)) });
}

if (share && (navigator.share || navigator.clipboard)) {
  share.hidden = false;
  share.addEventListener("click", () => {
    handOn().catch(() => {});
  });
}

/* --- As an app --- */

const isApp = window.matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;

function device() {
  const known = window.localStorage.getItem("device") || window.crypto.randomUUID();
  window.localStorage.setItem("device", known);
  return known;
}

async function tellInstalled() {
  const form = document.getElementById("device");
  const told = `installed ${form.action}`;
  if (window.localStorage.getItem(told)) return;
  const said = new URLSearchParams(new FormData(form));
  said.set("device", device());
  const answer = await fetch(form.action, { method: "POST", body: said });
  if (answer.ok) window.localStorage.setItem(told, "yes");
}

if ("serviceWorker" in navigator) {
  const keep = () => fetch(window.location.pathname, { cache: "no-store" }).catch(() => {});
  if (navigator.serviceWorker.controller) {
    keep();
  } else {
    navigator.serviceWorker.addEventListener("controllerchange", keep, { once: true });
  }
  navigator.serviceWorker.register("/c/worker.js", { scope: "/c/" }).catch(() => {});
}
if (isApp) {
  tellInstalled().catch(() => {});
} else {
  const button = document.getElementById("install");
  window.addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    button.hidden = false;
    button.addEventListener("click", () => event.prompt(), { once: true });
  });
  if (/iPhone|iPad/.test(navigator.userAgent)) document.getElementById("install-hint").hidden = false;
}
lookAgain();
