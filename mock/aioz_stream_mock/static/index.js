// Keeps what is said of the videos up to date while one is being transcoded; open players are left alone.
"use strict";

const AGAIN_AFTER = 1500; // milliseconds

const isBusy = () => document.querySelector('.facts[data-status="transcoding"]') !== null;

async function refresh() {
  const answer = await fetch(location.href);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const item of document.querySelectorAll(".videos > li")) {
    const now = fresh.getElementById(item.id);
    if (!now) {
      item.remove();
      continue;
    }
    item.querySelector(".shown").replaceWith(now.querySelector(".shown"));
    if (!item.querySelector("details[open]")) {
      item.querySelector(".players").replaceWith(now.querySelector(".players"));
    }
  }
  follow();
}

function follow() {
  if (isBusy()) {
    setTimeout(() => refresh().catch(follow), AGAIN_AFTER);
  }
}

for (const base of document.querySelectorAll(".base")) {
  base.textContent = location.origin + base.dataset.path;
}
follow();
