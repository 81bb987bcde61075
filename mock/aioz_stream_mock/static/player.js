// Plays the first source of the page's video through the player library, and says in words why when it can't.
"use strict";

const AGAIN_AFTER = 1000; // milliseconds
const UNPLAYABLE = "This browser can't play any quality of this video: its codecs (H.265, perhaps) are unknown to it.";

function say(text, mp4) {
  const message = document.querySelector(".message");
  message.textContent = text;
  if (mp4) {
    const link = document.createElement("a");
    link.href = mp4.src;
    link.textContent = "Download the MP4";
    message.append(" ", link, " or try another browser.");
  }
  message.hidden = false;
}

function explained(error) {
  const codes = shaka.util.Error.Code;
  const unplayable = [codes.CONTENT_UNSUPPORTED_BY_BROWSER, codes.RESTRICTIONS_CANNOT_BE_MET];
  if (unplayable.includes(error.code)) {
    return UNPLAYABLE;
  }
  return `The video can't be played: error ${error.code || error.message}.`;
}

async function play(video) {
  const [first, ...others] = video.querySelectorAll("source");
  const mp4 = others.find((source) => source.type.endsWith("/mp4"));
  if (first.type.endsWith("/mp4")) {
    return; // Nothing of this page's type is there, and the browser plays this by itself.
  }
  shaka.polyfill.installAll();
  if (!shaka.Player.isBrowserSupported()) {
    return; // It has the sources, and does what it can.
  }
  video.replaceChildren();
  const player = new shaka.Player();
  player.addEventListener("error", (event) => say(explained(event.detail), mp4));
  player.configure({ abr: { enabled: !("fixed" in video.dataset) } });
  await player.attach(video);
  window.player = player; // For the browser's console.
  try {
    await player.load(first.src, null, first.type);
  } catch (error) {
    say(explained(error), mp4);
    return;
  }
  if (new URLSearchParams(location.search).has("autoplay")) {
    video.muted = true; // Or no browser starts it.
    video.play().catch(() => {}); // Where it is not allowed, the play button is there.
  }
}

const video = document.querySelector("video");
if (video) {
  play(video);
} else if (document.querySelector("[data-again]")) {
  setTimeout(() => location.reload(), AGAIN_AFTER);
}
