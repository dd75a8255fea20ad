import { App } from "./app.js";
import { openBridge } from "./bridge.js";
import { speak } from "./texts.js";

openBridge().then((bridge) => {
  speak(bridge.context.locale || navigator.language);
  return new App(bridge).start();
});
